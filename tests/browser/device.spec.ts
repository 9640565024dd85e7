import { violations } from './axe.ts';
import { expect, test } from './fixtures.ts';

test('the device page tells facts and verdicts, measures on wish, and gives a report to copy @phone', async ({
	page,
	context,
	host
}) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: host.origin });
	const foreign: string[] = [];
	page.on('request', (request) => {
		if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(host.origin))
			foreign.push(request.url());
	});
	await page.goto('/models');
	await page.getByRole('link', { name: 'What this device can run, measured' }).click();
	await expect(page.getByRole('heading', { name: 'What this device can run' })).toBeVisible();
	const qwen = page.getByRole('listitem').filter({ hasText: 'Qwen2.5 0.5B Instruct' });
	await expect(qwen).toContainText(/runs on the graphics card \(about \d+(\.\d)? MB\)/);
	expect(await violations(page)).toEqual([]);

	await page.getByRole('button', { name: 'Measure' }).click();
	await expect(page.getByText(/Graphics card: reads .* a second; a dispatch takes .* µs/)).toBeVisible({
		timeout: 50_000
	});
	await expect(page.getByText(/Processor: reads .* a second \(threads: \d+\)/)).toBeVisible();
	await expect(qwen).toContainText(/runs (well|slowly) on .*, at most [\d.,]+ tokens a second/);
	expect(await violations(page)).toEqual([]);

	await page.getByRole('button', { name: 'Copy' }).click();
	await expect(page.getByRole('status').filter({ hasText: 'Copied' })).toBeVisible();
	const report = await page.evaluate(() => navigator.clipboard.readText());
	expect(report).toMatch(/^device\.gpu\.kind: ready$/m);
	expect(report).toMatch(/^measured\.gpu\.bandwidth: \d+/m);
	expect(report).toMatch(/^gpu\.limits\.maxBufferSize: \d+$/m);
	expect(report).toMatch(/^qwen2-0\.5b-instruct: (well|slowly) \(.*tokens\/s\)$/m);
	expect(foreign).toEqual([]);
});
