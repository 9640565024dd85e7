import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, openMenu, test } from './fixtures.ts';

interface Row {
	title: string;
	/** Days before today. */
	back: number;
	said?: string[];
}

/** Puts conversations into the history, as rows with what the app would have written, and loads the page again. */
async function fill(page: Page, rows: Row[]): Promise<void> {
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

/** What axe finds, shortly: the rule and where. */
async function violations(page: Page): Promise<string[]> {
	const { violations: found } = await new AxeBuilder({ page }).analyze();
	return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

test('the list is grouped by date, and a pinned conversation stands on top of it @phone', async ({
	page
}) => {
	await fill(page, [
		{ title: 'Soup', back: 0 },
		{ title: 'Bread', back: 1 },
		{ title: 'Cheese', back: 3 },
		{ title: 'Wine', back: 400 }
	]);
	await openMenu(page);
	const list = page.getByRole('navigation', { name: 'Conversations' });
	const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric' }).format(
		Date.now() - 400 * 24 * 60 * 60 * 1000
	);
	await expect(list.getByRole('heading')).toHaveText(['Today', 'Yesterday', 'Previous 7 days', month]);
	await expect(list.getByRole('list', { name: 'Previous 7 days' }).getByRole('link')).toHaveText(['Cheese']);

	await list.getByRole('link', { name: 'Wine' }).focus();
	await page.keyboard.press('Tab');
	const pin = list.getByRole('button', { name: 'Pin “Wine”' });
	await expect(pin).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(list.getByRole('heading').first()).toHaveText('Pinned');
	await expect(list.getByRole('list', { name: 'Pinned' }).getByRole('link')).toHaveText(['Wine']);
	await expect(pin).toBeFocused();
	await expect(pin).toHaveAttribute('aria-pressed', 'true');
	expect(await violations(page)).toEqual([]);
	await page.screenshot({ path: `test-results/finding-list-${page.viewportSize()?.width}.png` });

	await page.reload();
	await openMenu(page);
	await expect(list.getByRole('link').first()).toHaveText('Wine');
	await pin.click();
	await expect(list.getByRole('heading')).toHaveText(['Today', 'Yesterday', 'Previous 7 days', month]);
});
