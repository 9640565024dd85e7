/**
 * `node scripts/icons.ts`: draws the PNG icons from the SVG ones in static/icons, with Chromium.
 * Run it after changing an SVG, and commit what it writes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { chromiumLaunch } from '../tests/support/chromium.ts';

const FOLDER = 'static/icons';
const ICONS = [
	{ from: 'icon.svg', to: 'icon-192.png', size: 192 },
	{ from: 'icon.svg', to: 'icon-512.png', size: 512 },
	{ from: 'maskable.svg', to: 'maskable-192.png', size: 192 },
	{ from: 'maskable.svg', to: 'maskable-512.png', size: 512 },
	// iOS rounds the corners itself and shows black where an icon is transparent
	{ from: 'maskable.svg', to: 'apple-touch-icon.png', size: 180 }
];

const browser = await chromium.launch(chromiumLaunch());
try {
	const page = await browser.newPage();
	for (const { from, to, size } of ICONS) {
		const svg = readFileSync(`${FOLDER}/${from}`).toString('base64');
		await page.setViewportSize({ width: size, height: size });
		await page.setContent(
			`<body style="margin:0"><img width="${size}" height="${size}" style="display:block" src="data:image/svg+xml;base64,${svg}">`
		);
		await page.locator('img').evaluate((image: HTMLImageElement) => image.decode());
		writeFileSync(`${FOLDER}/${to}`, await page.screenshot({ omitBackground: true }));
		console.log(`${FOLDER}/${to}`);
	}
} finally {
	await browser.close();
}
