import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { articles, ask, expect, openMenu, test } from './fixtures.ts';

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

const LONG = Array.from({ length: 80 }, (_, index) => `Message number ${index} of a long talk`);

/** Opens the list and types into the search box, key by key. */
async function search(page: Page, query: string): Promise<void> {
	await openMenu(page);
	await page.getByRole('searchbox', { name: 'Search' }).fill('');
	await page.getByRole('searchbox', { name: 'Search' }).pressSequentially(query);
}

test('a passage is found as one types, in Chinese too, and opened in its place @phone', async ({ page }) => {
	await fill(page, [
		{ title: 'Talk', back: 0, said: LONG.with(3, 'The treasure lies under the old oak') },
		{ title: 'Study', back: 2, said: ['什么是机器学习？', 'A Treasury of verse'] },
		{ title: 'Bread', back: 5 }
	]);
	await search(page, 'treas');
	const list = page.getByRole('navigation', { name: 'Conversations' });
	await expect(list.locator('mark')).toHaveText(['treas', 'Treas']);
	await expect(list.getByRole('heading')).toHaveText(['Talk', 'Study']);
	await expect(list.getByText('Messages found: 2')).toBeVisible();
	expect(await violations(page)).toEqual([]);
	await page.screenshot({ path: `test-results/finding-search-${page.viewportSize()?.width}.png` });
	await page.emulateMedia({ colorScheme: 'dark' });
	expect(await violations(page), 'dark').toEqual([]);

	await list.getByRole('link', { name: 'The treasure lies' }).focus();
	await page.keyboard.press('Enter');
	const said = page.getByRole('article').filter({ hasText: 'The treasure lies under the old oak' });
	await expect(said).toBeFocused();
	await expect(said).toBeInViewport();
	await expect(said).toHaveClass(/spotlight/);
	expect(await violations(page), 'opened').toEqual([]);
	await page.screenshot({ path: `test-results/finding-opened-${page.viewportSize()?.width}.png` });

	await search(page, '器学');
	await expect(list.locator('mark')).toHaveText(['器学']);
	await search(page, 'nothing of that kind');
	await expect(list.getByText('Nothing was found.')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('searchbox')).toHaveValue('');
	await expect(list.getByRole('heading', { name: 'Today' })).toBeVisible();
});

test('what is written now is found at once, and no longer when it is deleted', async ({ page }) => {
	await page.goto('/');
	await ask(page, 'Where do penguins live?');
	await expect(articles(page, 'You')).toHaveText(/penguins/);
	await search(page, 'pengu');
	const list = page.getByRole('navigation', { name: 'Conversations' });
	await expect(list.locator('mark')).toHaveText(['pengu']);
	await page.keyboard.press('Escape');
	await list.getByRole('link', { name: 'Where do penguins live?' }).hover();
	await page.getByRole('button', { name: 'Delete “Where do penguins live?”' }).click();
	await ask(page, 'Something else');
	await search(page, 'pengu');
	await expect(list.getByText('Nothing was found.')).toBeVisible();
});
