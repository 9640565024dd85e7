/** `node scripts/screenshots.ts`: takes the pictures of the README and the install dialog from the built app. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContextOptions, type Page } from 'playwright';
import { chromiumLaunch } from '../tests/support/chromium.ts';
import { Host } from '../tests/support/host.ts';

const folder = new URL('../static/screenshots/', import.meta.url);

/** The pictures: their names and sizes are those that the web app manifest tells. */
const PICTURES: { file: string; options: BrowserContextOptions }[] = [
	{ file: 'wide.png', options: { viewport: { width: 1280, height: 800 } } },
	{
		file: 'narrow.png',
		options: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
	}
];

/** A short conversation, with the model that ships with the app. */
async function converse(page: Page): Promise<void> {
	await page.goto('/models');
	const card = page.getByRole('article', { name: 'Self-test' });
	await card.getByRole('button', { name: 'Download' }).click();
	await card.getByRole('button', { name: 'Use' }).click();
	await page.goto('/');
	await page.getByRole('textbox', { name: 'Message' }).fill('Are you really running in this tab?');
	await page.keyboard.press('Enter');
	await page.locator('article[aria-busy=false]').waitFor();
	await page.getByText('Ready to work offline').waitFor({ state: 'attached' });
}

const host = new Host(fileURLToPath(new URL('../build', import.meta.url)));
await host.open();
await mkdir(folder, { recursive: true });
const browser = await chromium.launch(chromiumLaunch());
try {
	for (const { file, options } of PICTURES) {
		const page = await browser.newPage({
			...options,
			baseURL: host.origin,
			locale: 'en-US',
			colorScheme: 'light'
		});
		await converse(page);
		await page.screenshot({ path: fileURLToPath(new URL(file, folder)) });
		await page.close();
		console.log(file);
	}
} finally {
	await browser.close();
	await host.close();
}
