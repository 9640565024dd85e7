import AxeBuilder from '@axe-core/playwright';
import type { BrowserContext, Page } from '@playwright/test';

/** A conversation that is to be there. */
export interface Row {
	title: string;
	/** Days before today. */
	back: number;
	said?: string[];
}

/** Puts conversations into the history, as rows with what the app would have written, and loads the page again. */
export async function fill(page: Page, rows: Row[]): Promise<void> {
	await page.goto('/');
	await page.getByText('Your conversations appear here.').waitFor({ state: 'attached' });
	await page.evaluate(async (rows) => {
		const opening = indexedDB.open('alcove');
		await new Promise((resolve) => (opening.onsuccess = resolve));
		const writing = opening.result.transaction(['conversations', 'messages', 'changes'], 'readwrite');
		for (const { title, back, said = [title] } of rows) {
			const today = new Date();
			const updatedAt = new Date(today.getFullYear(), today.getMonth(), today.getDate() - back).getTime();
			const messages = said.map((text, depth) => ({
				id: `${title}-${depth}`,
				conversation: title,
				parent: depth === 0 ? null : `${title}-${depth - 1}`,
				depth,
				createdAt: updatedAt,
				role: 'user',
				text
			}));
			for (const message of messages) {
				writing.objectStore('messages').put(message);
				writing.objectStore('changes').put({ message: message.id });
			}
			const leaf = messages.at(-1)?.id ?? null;
			const conversation = { id: title, title, createdAt: updatedAt, updatedAt, leaf, deletedAt: null };
			writing.objectStore('conversations').put(conversation);
		}
		await new Promise((resolve, reject) => {
			writing.oncomplete = resolve;
			writing.onerror = () => reject(writing.error);
		});
		opening.result.close();
	}, rows);
	await page.reload();
}

/**
 * Lets nobody read or write these tables, until the function it returns is called: another page of the device
 * is at work on them.
 */
export async function occupy(context: BrowserContext, origin: string, tables: string[]) {
	const other = await context.newPage();
	await other.goto(`${origin}/icons/icon.svg`);
	await other.evaluate(async (tables) => {
		const opening = indexedDB.open('alcove');
		await new Promise((resolve) => (opening.onsuccess = resolve));
		const [first = ''] = tables;
		const table = opening.result.transaction(tables, 'readwrite').objectStore(first);
		const held = Object.assign(window, { release: false });
		const hold = () => {
			if (!held.release) table.count(IDBKeyRange.only('')).onsuccess = hold;
		};
		hold();
	}, tables);
	return async () => {
		await other.evaluate(() => Object.assign(window, { release: true }));
		await other.close();
	};
}

/** What axe finds, shortly: the rule and where. */
export async function violations(page: Page): Promise<string[]> {
	const { violations: found } = await new AxeBuilder({ page }).analyze();
	return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}
