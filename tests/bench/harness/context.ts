import type { Browser, BrowserContext, Page } from 'playwright';
import type { BenchContext, PageOptions } from './bench.ts';
import { medianOf, mediansOf } from './samples.ts';

/** Makes the context of one bench; `close` ends every page it opened. */
export function createContext(browser: Browser, baseURL: string) {
	const profiles: BrowserContext[] = [];
	const context: BenchContext = {
		browser,
		baseURL,
		medianOf,
		mediansOf,
		async newPage({ cpu = 1, viewport = { width: 1280, height: 800 } }: PageOptions = {}) {
			const profile = await browser.newContext({ baseURL, viewport, locale: 'en-US' });
			profiles.push(profile);
			const page = await profile.newPage();
			if (cpu !== 1) await slowDown(page, cpu);
			return page;
		}
	};
	const close = async () => void (await Promise.all(profiles.map((profile) => profile.close())));
	return { context, close };
}

async function slowDown(page: Page, rate: number): Promise<void> {
	const devtools = await page.context().newCDPSession(page);
	await devtools.send('Emulation.setCPUThrottlingRate', { rate });
}
