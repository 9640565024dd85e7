import { fileURLToPath } from 'node:url';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { countingWords, writeTalkingGguf } from '../../scripts/talking/gguf.ts';
import { Host } from '../support/host.ts';
import { RoomsHost } from '../support/rooms-host.ts';

export { expect } from '@playwright/test';
export { SELF_TEST_SENTENCE } from '../../scripts/talking/gguf.ts';

const BUILD = fileURLToPath(new URL('../../build', import.meta.url));

/** Every test has the app on an origin of its own, so that nothing is left over from another. */
export const test = base.extend<{ host: Host }>({
	// eslint-disable-next-line no-empty-pattern -- Playwright reads from the pattern which fixtures are wanted
	host: async ({}, use) => {
		const host = new Host(BUILD);
		await host.open();
		await use(host);
		await host.close();
	},
	baseURL: async ({ host }, use) => use(host.origin)
});

/** The same with the sync server of the rooms beside it. */
export const roomsTest = test.extend<{ host: RoomsHost }>({
	// eslint-disable-next-line no-empty-pattern -- Playwright reads from the pattern which fixtures are wanted
	host: async ({}, use) => {
		const host = new RoomsHost(BUILD);
		await host.open();
		await use(host);
		await host.close();
		host.remove();
	}
});

/** A model that counts from 1, slowly enough that one can act in the middle of its answer. */
export function offerCounting(host: Host, upTo = 200, pace = 25): string {
	host.model('Counting', writeTalkingGguf({ words: countingWords(upTo), name: 'Counting' }), pace);
	return countingWords(upTo).join(' ');
}

/** Opens the list of conversations and pages where it is hidden behind the menu, as on a phone. */
export async function openMenu(page: Page): Promise<void> {
	await page.getByRole('main').waitFor();
	const menu = page.getByRole('button', { name: 'Menu' });
	if ((await menu.isVisible()) && (await menu.getAttribute('aria-expanded')) === 'false') await menu.click();
}

/** Downloads a model and makes it the one that answers. */
export async function useModel(page: Page, name: string): Promise<void> {
	await page.goto('/models');
	const card = page.getByRole('article', { name });
	await card.getByRole('button', { name: 'Download' }).click();
	await card.getByRole('button', { name: 'Use' }).click();
	await expect(card.getByText('In use')).toBeVisible();
}

/** Writes a message into the open chat and sends it. */
export async function ask(page: Page, text: string): Promise<void> {
	await page.getByRole('textbox', { name: 'Message' }).fill(text);
	await page.keyboard.press('Enter');
}

export function articles(page: Page, author: 'You' | 'Assistant'): Locator {
	return page.getByRole('log', { name: 'Conversation' }).getByRole('article', { name: author, exact: true });
}

/** Waits until an answer is whole. */
export async function whole(answer: Locator): Promise<void> {
	await expect(answer).toHaveAttribute('aria-busy', 'false', { timeout: 40_000 });
}

/** The highest number that a counting answer has come to. */
export async function countedTo(answer: Locator): Promise<number> {
	// not the percentage of a model that is being loaded
	const counted = /^1(?: \d+)*$/m.exec(await answer.innerText())?.[0] ?? '0';
	return Number(counted.split(' ').at(-1));
}

/** Waits until a counting answer has come that far. */
export async function counts(answer: Locator, to: number): Promise<void> {
	await expect.poll(() => countedTo(answer)).toBeGreaterThanOrEqual(to);
}

/** Notes every line that is put where a screen reader hears it. @returns what was said so far */
export async function listen(page: Page): Promise<() => Promise<string[]>> {
	await page.evaluate(() => {
		const said: string[] = [];
		// a line that comes in together with what holds it is noted once
		const heard = new Set<Element>();
		Object.assign(window, { said });
		new MutationObserver((changes) => {
			for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
				if (!(node instanceof Element)) continue;
				const lines = node.matches('[aria-live="polite"] p')
					? [node]
					: node.querySelectorAll('[aria-live="polite"] p');
				for (const line of lines) {
					if (!heard.has(line)) said.push(line.textContent);
					heard.add(line);
				}
			}
		}).observe(document.body, { subtree: true, childList: true });
	});
	return () => page.evaluate(() => (window as unknown as { said: string[] }).said);
}
