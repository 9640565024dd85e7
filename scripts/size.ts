/**
 * `npm run size`: what a first visit loads before the chat can be used, in an empty browser, compressed as it
 * travels. Fails above the limit. What the service worker then fetches for offline use is not part of it.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { serveStatic } from '../src/server/static.ts';
import { chromiumLaunch } from '../tests/support/chromium.ts';

const LIMIT = 60_000;
const folder = process.env['BUILD_DIR'] || 'build';

interface Loaded {
	path: string;
	raw: number;
	brotli: number;
	/** Whether it had arrived when the first words were on the screen. */
	beforePaint: boolean;
}

/** Bytes of a built file, and of its brotli form; the build leaves the smallest files as they are. */
function measure(path: string): { raw: number; brotli: number } {
	const file = join(folder, path === '/' ? 'index.html' : path);
	const raw = readFileSync(file).length;
	return { raw, brotli: existsSync(`${file}.br`) ? statSync(`${file}.br`).size : raw };
}

/** The page's own pages, scripts and styles, in the order they were asked for, once it is usable and silent. */
async function visit(page: Page, origin: string): Promise<Loaded[]> {
	const paths = new Set<string>();
	page.on('request', (request) => {
		const { pathname, origin: from } = new URL(request.url());
		const counted = ['document', 'script', 'stylesheet'].includes(request.resourceType());
		if (counted && from === origin && !request.serviceWorker()) paths.add(pathname);
	});
	await page.goto(`${origin}/`);
	await page.getByRole('textbox', { name: 'Message' }).fill('Hello');
	await page.waitForLoadState('networkidle');
	const early = await page.evaluate(() => {
		const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0;
		const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
		return entries
			.filter((entry) => entry.responseEnd <= painted)
			.map((entry) => new URL(entry.name).pathname);
	});
	return [...paths].map((path) => ({
		path,
		...measure(path),
		beforePaint: path === '/' || early.includes(path)
	}));
}

function print(loaded: Loaded[]): number {
	const row = (path: string, raw: number, brotli: number, note = '') =>
		console.log(
			`${path.padEnd(52)}${String(raw).padStart(9)}${String(brotli).padStart(9)}  ${note}`.trimEnd()
		);
	const sum = (list: Loaded[], key: 'raw' | 'brotli') => list.reduce((total, file) => total + file[key], 0);
	const early = loaded.filter(({ beforePaint }) => beforePaint);
	console.log(`${'file'.padEnd(52)}${'raw'.padStart(9)}${'brotli'.padStart(9)}`);
	for (const { path, raw, brotli, beforePaint } of loaded)
		row(path, raw, brotli, beforePaint ? '' : 'after the first paint');
	row('before the first paint', sum(early, 'raw'), sum(early, 'brotli'));
	row('first visit', sum(loaded, 'raw'), sum(loaded, 'brotli'));
	return sum(loaded, 'brotli');
}

const server = createServer(serveStatic(folder)).listen(0, '127.0.0.1');
const browser = await chromium.launch(chromiumLaunch());
try {
	const { port } = server.address() as AddressInfo;
	const total = print(await visit(await browser.newPage(), `http://127.0.0.1:${port}`));
	const over = total - LIMIT;
	console.log(
		over > 0 ? `${over} bytes above the limit of ${LIMIT}` : `${-over} bytes below the limit of ${LIMIT}`
	);
	process.exitCode = over > 0 ? 1 : 0;
} finally {
	await browser.close();
	server.close();
	server.closeAllConnections();
}
