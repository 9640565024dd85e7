import { chromium, type BrowserContextOptions } from '@playwright/test';
import { chromiumLaunch } from '../support/chromium.ts';
import { articles, ask, expect, SELF_TEST_SENTENCE, test, useModel, whole } from './fixtures.ts';
import { plainHost } from './shell-hosts.ts';

/** What a device may lack; how an answer comes with No network on is in glass.spec.ts. */
const LACKING: { name: string; gpu: boolean; isolated: boolean; device: BrowserContextOptions }[] = [
	{ name: 'a browser without WebGPU', gpu: false, isolated: true, device: {} },
	{
		...{
			name: 'a phone whose page is not cross-origin isolated, nor ever will be',
			gpu: true,
			isolated: false
		},
		device: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
	}
];

/** A model for which no device has room. */
const HUGE = JSON.stringify({ models: [{ id: 'huge', name: 'Huge', url: 'huge.gguf', bytes: 1e15 }] });

for (const { name, gpu, isolated, device } of LACKING) {
	test(`${name} gets an answer, and an honest no for what it cannot run`, async ({ host }) => {
		const { executablePath, args = [] } = chromiumLaunch();
		const without = ['--no-sandbox', '--disable-gpu', '--disable-features=WebGPU'];
		const browser = await chromium.launch({
			...(executablePath ? { executablePath } : {}),
			args: gpu ? args : [...without, '--disable-background-networking']
		});
		// a host that sends no headers, and a browser in which nobody can add them
		const plain = isolated ? undefined : await plainHost('build', '', { '/alcove.json': HUGE });
		try {
			host.file('/alcove.json', HUGE, 'application/json');
			const context = await browser.newContext({
				...device,
				locale: 'en-US',
				baseURL: plain?.url ?? host.origin
			});
			if (!isolated)
				await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
			const page = await context.newPage();
			await useModel(page, 'Self-test');
			expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
			if (!gpu) await expect(page.getByText('No usable graphics card')).toBeVisible();

			await page.getByText(/^Do not run here/).click();
			const refused = page.getByRole('article', { name: 'Huge' });
			await expect(refused).toContainText('Does not run here: it needs 1,000 TB of storage');
			await expect(refused.getByRole('button')).toHaveCount(0);

			await page.goto('/');
			await ask(page, 'Hello');
			const answer = articles(page, 'Assistant');
			await whole(answer);
			await expect(answer).toContainText(SELF_TEST_SENTENCE);
		} finally {
			await browser.close();
			await plain?.stop();
		}
	});
}
