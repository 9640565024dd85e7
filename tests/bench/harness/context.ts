import type { Browser, BrowserContext, Page } from 'playwright';
import type { BenchContext, PageOptions } from './bench.ts';
import { mediansOf } from './samples.ts';

/**
 * Makes the context of one bench; `close` ends every page it opened.
 * @param runs how often each thing is measured, in place of what the benches say
 */
export function createContext(browser: Browser, baseURL: string, runs?: number) {
	const profiles: BrowserContext[] = [];
	const context: BenchContext = {
		browser,
		baseURL,
		mediansOf: (count, measures) => mediansOf(runs ?? count, measures),
		async newPage({ cpu = 1, viewport = { width: 1280, height: 800 }, origin = baseURL }: PageOptions = {}) {
			const profile = await browser.newContext({ baseURL: origin, viewport, locale: 'en-US' });
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
