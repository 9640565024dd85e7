import type { Page } from 'playwright';

/** The page's process dies at once, without a word. */
export async function crash(page: Page): Promise<void> {
	const devtools = await page.context().newCDPSession(page);
	const crashed = page.waitForEvent('crash');
	// the command has no answer: what would answer is gone
	void devtools.send('Page.crash').catch(() => undefined);
	await crashed;
}
