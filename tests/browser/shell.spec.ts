import { createHash } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { serveStatic } from '../../src/server/static.ts';
import { listen, plainHost, startServer } from './shell-hosts.ts';

const BUILD = 'build';
const composer = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const ready = (page: Page) => page.getByText('Ready to work offline');

/** Opens the app and waits until all of it is kept on the device. */
async function install(page: Page, url: string): Promise<void> {
	await page.goto(url);
	await expect(ready(page)).toBeVisible();
}

test.describe('offline', () => {
	test('a reload and a deep link open with the server killed', async ({ page }) => {
		const server = await startServer(BUILD);
		await install(page, server.url);
		await server.stop();
		await page.reload();
		await expect(composer(page)).toBeVisible();
		await expect(ready(page)).toBeVisible();
		await page.goto(`${server.url}settings`);
		await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
	});

	test('a page that was reloaded past the cache is controlled again', async ({ page }) => {
		const server = await startServer(BUILD);
		await install(page, server.url);
		const session = await page.context().newCDPSession(page);
		const loaded = page.waitForEvent('load');
		await session.send('Page.reload', { ignoreCache: true });
		await loaded;
		await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
		await server.stop();
	});

	test('a browser without service workers says so and works', async ({ page }) => {
		await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
		await page.goto('/');
		await expect(page.getByText('This browser cannot keep the app for offline use.')).toBeVisible();
		await expect(composer(page)).toBeEditable();
	});

	test('a file that went missing is fetched again at the next start', async ({ page }) => {
		await install(page, '/');
		const kept = () =>
			page.evaluate(async () => {
				const [name] = (await caches.keys()).filter((key) => key.includes('precache'));
				return (await (await caches.open(name ?? '')).keys()).length;
			});
		const before = await kept();
		await page.evaluate(async () => {
			for (const name of await caches.keys()) {
				const cache = await caches.open(name);
				const icon = (await cache.keys()).find(({ url }) => url.includes('monochrome'));
				if (icon) await cache.delete(icon);
			}
		});
		expect(await kept()).toBe(before - 1);
		await page.reload();
		await expect(ready(page)).toBeVisible();
		expect(await kept()).toBe(before);
	});

	test('an engine is kept from its first use on, and no model ever', async ({ page }) => {
		const server = await startServer(BUILD);
		await install(page, server.url);
		await page.reload();
		const worker = await readFile(`${BUILD}/service-worker.js`, 'utf8');
		const engine = /app\/immutable\/workers\/wllama[^"'`]+\.js/.exec(worker)?.[0];
		expect(engine).toBeDefined();
		const get = (path: string) =>
			page.evaluate((url) => fetch(url).then((response) => response.status, String), server.url + path);
		expect(await get(engine ?? '')).toBe(200);
		expect(await get('self-test.gguf')).toBe(200);
		await server.stop();
		expect(await get(engine ?? '')).toBe(200);
		expect(await get('self-test.gguf')).toContain('Failed to fetch');
	});

	test('the host’s configuration is asked for first and remembered', async ({ page }) => {
		const files: Record<string, string> = { '/alcove.json': '{"models":[1]}' };
		const host = await plainHost(BUILD, '', files);
		await install(page, host.url);
		await page.reload();
		const get = () => page.evaluate(() => fetch('/alcove.json').then((response) => response.text()));
		expect(await get()).toBe('{"models":[1]}');
		files['/alcove.json'] = '{"models":[2]}';
		expect(await get()).toBe('{"models":[2]}');
		await host.stop();
		expect(await get()).toBe('{"models":[2]}');
	});

	test('the host’s configuration is remembered from the first visit on', async ({ page }) => {
		const host = await plainHost(BUILD, '', { '/alcove.json': '{"models":[3]}' });
		await install(page, host.url);
		await host.stop();
		await page.reload();
		const get = () => page.evaluate(() => fetch('/alcove.json').then((response) => response.text()));
		expect(await get()).toBe('{"models":[3]}');
	});
});

test.describe('a host that sends no headers', () => {
	/** A worker that tries to tell another host something, and says whether it could. */
	const PROBE = `onmessage = ({ data }) => fetch(data).then(() => postMessage('reached'), () => postMessage('refused'));`;

	const probe = (page: Page, target: string) =>
		page.evaluate((url) => {
			const worker = new Worker('/app/immutable/workers/probe.js', { type: 'module' });
			const answer = new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
			worker.postMessage(url);
			return answer;
		}, target);

	test('the page is isolated after one reload, and workers reach no other host', async ({
		page,
		context
	}) => {
		const elsewhere = await listen((_, response) => {
			response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end('hello');
		});
		const host = await plainHost(BUILD, '', { '/app/immutable/workers/probe.js': PROBE });
		const unbound = await context.newPage();
		await unbound.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
		await unbound.goto(host.url);
		expect(await probe(unbound, elsewhere.url), 'what the service worker is there to prevent').toBe(
			'reached'
		);
		await unbound.close();

		await page.goto(host.url);
		await page.evaluate(() => navigator.serviceWorker.ready);
		expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
		await expect(ready(page)).toBeVisible();
		await page.reload();
		expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
		expect(await probe(page, elsewhere.url)).toBe('refused');
		expect(await probe(page, host.url)).toBe('reached');
		await host.stop();
		await page.reload();
		expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
		await elsewhere.stop();
	});
});

test.describe('a newer version', () => {
	/** The same build with another page, and the service worker that belongs to it. */
	async function nextVersion(folder: string): Promise<void> {
		await cp(BUILD, folder, { recursive: true, filter: (path) => !/\.(br|gz)$/.test(path) });
		const revision = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
		const page = await readFile(`${BUILD}/index.html`, 'utf8');
		const next = page.replace('<head>', '<head><meta name="version" content="next">');
		const worker = await readFile(`${BUILD}/service-worker.js`, 'utf8');
		expect(worker).toContain(revision(page));
		await writeFile(`${folder}/index.html`, next);
		await writeFile(`${folder}/service-worker.js`, worker.replace(revision(page), revision(next)));
	}

	test('is offered, applied on a click alone, and offered to the other tab', async ({ context }, info) => {
		const folder = info.outputPath('next');
		await nextVersion(folder);
		let handler = serveStatic(BUILD);
		const host = await listen((request, response) => handler(request, response));
		const [first, second] = [await context.newPage(), await context.newPage()];
		for (const page of [first, second]) {
			await install(page, host.url);
			await page.reload();
			await expect(ready(page)).toBeVisible();
		}
		const isNext = (page: Page) => page.locator('meta[name=version]').count();
		const offer = (page: Page) => page.getByRole('button', { name: 'Update' });

		handler = serveStatic(folder);
		await first.reload();
		await expect(offer(first)).toBeVisible();
		await composer(first).fill('half a thought');
		expect(await isNext(first)).toBe(0);

		await composer(second).fill('not to be lost');
		await offer(first).click();
		await expect(first.locator('meta[name=version]')).toHaveCount(1);
		await expect(offer(second)).toBeVisible();
		await expect(composer(second)).toHaveValue('not to be lost');
		expect(await isNext(second)).toBe(0);
		await offer(second).click();
		await expect(second.locator('meta[name=version]')).toHaveCount(1);
		await expect(offer(second)).toHaveCount(0);
		await host.stop();
	});
});
