import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { writeTalkingGguf } from '../../../scripts/talking/gguf.ts';
import { Host } from '../../support/host.ts';

const BUILD = fileURLToPath(new URL('../../../build', import.meta.url));

/** How fast a model of half a billion parameters speaks on a good graphics card, in milliseconds a token. */
export const PACE = 4;

/** `count` words that make up Markdown, one token each, no two the same. */
export function richWords(count: number): string[] {
	return Array.from({ length: count }, (_, n) => {
		if (n % 60 === 20) return `\n\n## Part${n}\n\n`;
		if (n % 60 >= 30 && n % 60 < 50 && n % 5 === 0) return `\n- item${n}`;
		if (n % 60 === 50) return `\n\nThen${n}`;
		if (n % 7 === 3) return `**bold${n}**`;
		if (n % 11 === 5) return `\`code${n}\``;
		if (n % 13 === 7) return `$x_{${n}}$`;
		return `word${n}`;
	});
}

/** The model's weights. */
export function speaker(count: number): Uint8Array {
	return writeTalkingGguf({ words: richWords(count), name: 'Speaker' });
}

/**
 * Serves the built app with a model that says `count` words, on an origin of its own.
 * @param contextWindow in tokens: a short one, where reading a long history is not what is measured
 * @param pace in milliseconds a token
 */
export async function hostSpeaker(count: number, contextWindow = 4_096, pace = PACE): Promise<Host> {
	const host = new Host(BUILD);
	await host.open();
	const weights = speaker(count);
	host.file('/speaker.gguf', weights, 'application/octet-stream');
	const files = { url: 'speaker.gguf', bytes: weights.length };
	const models = [{ id: 'speaker', name: 'Speaker', ...files, contextWindow, pace }];
	host.file('/alcove.json', JSON.stringify({ models }), 'application/json');
	return host;
}

/** Downloads the model in the page and makes it the one that answers. */
export async function useSpeaker(page: Page): Promise<void> {
	await page.goto('/models');
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
	const card = page.getByRole('article', { name: 'Speaker' });
	await card.getByRole('button', { name: 'Download' }).click();
	await card.getByRole('button', { name: 'Use' }).click();
	await card.getByText('In use').waitFor();
}

/** Sends a message and waits for the first words of its answer. */
export async function askSpeaker(page: Page, question: string): Promise<void> {
	await page.getByRole('textbox', { name: 'Message' }).fill(question);
	await page.keyboard.press('Enter');
	await page.locator('.log article[aria-busy="true"] .prose').waitFor({ timeout: 120_000 });
}

/** Waits until the answer is whole. */
export async function untilWhole(page: Page): Promise<void> {
	await page.locator('.log article[aria-busy="true"]').waitFor({ state: 'detached', timeout: 120_000 });
}

/** How many of its words the newest answer has. */
export function spoken(page: Page): Promise<number> {
	return page.evaluate(() => {
		const answer = [...document.querySelectorAll('.log article .prose')].at(-1);
		return (answer?.textContent.match(/[a-zA-Z]+\d+/g) ?? []).length;
	});
}
