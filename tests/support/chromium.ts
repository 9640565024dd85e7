import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

/** Where Debian, Ubuntu, Fedora, macOS and Windows keep a Chromium or a Chrome. */
const SYSTEM_PATHS = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'
];

/** Software WebGPU, and none of the browser's own background requests. */
const chromiumArguments = [
	'--no-sandbox',
	'--enable-unsafe-webgpu',
	'--use-webgpu-adapter=swiftshader',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync'
];

/**
 * The Chromium that tests drive: CHROMIUM_PATH, else Playwright's own download, else the system's.
 * @returns its path, or undefined where there is none: Playwright then says what it misses
 */
function findChromium(): string | undefined {
	const candidates = [process.env['CHROMIUM_PATH'], chromium.executablePath(), ...SYSTEM_PATHS];
	return candidates.find((path) => path && existsSync(path));
}

/** Launch options for Playwright, for every test that opens a browser. */
export function chromiumLaunch(): { args: string[]; executablePath?: string } {
	const executablePath = findChromium();
	return { args: chromiumArguments, ...(executablePath ? { executablePath } : {}) };
}
