import type { Page } from '@playwright/test';
import { articles, ask, expect, openMenu, test } from './fixtures.ts';
import { fill, violations } from './stored.ts';

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

test('an empty list is told of only once the list is known', async ({ page }) => {
	await page.addInitScript(() => {
		const flashes: string[] = [];
		Object.assign(window, { flashes });
		new MutationObserver(() => {
			const list = document.querySelector('#conversations .list')?.textContent?.trim() ?? '';
			if (list !== '' && flashes.at(-1) !== list) flashes.push(list);
		}).observe(document, { subtree: true, childList: true, characterData: true });
	});
	await fill(page, [{ title: 'Soup', back: 0 }]);
	const list = page.getByRole('navigation', { name: 'Conversations' });
	await expect(list.getByRole('link', { name: 'Soup' })).toBeVisible();
	const seen = await page.evaluate(() => (window as unknown as { flashes: string[] }).flashes);
	expect(seen.filter((text) => text.includes('appear here'))).toEqual([]);
	expect(seen.at(-1)).toContain('Soup');
});

const LONG = Array.from({ length: 80 }, (_, index) => `Message number ${index} of a long talk`);

/** Opens the list and types into the search box, key by key. */
async function search(page: Page, query: string): Promise<void> {
	await openMenu(page);
	await page.getByRole('searchbox', { name: 'Search' }).fill('');
	await page.getByRole('searchbox', { name: 'Search' }).pressSequentially(query);
}

test('a passage is found as one types, in Chinese too, and opened in its place @phone', async ({ page }) => {
	// three times the whole page is looked at by axe
	test.setTimeout(120_000);
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
	// in the title that the question gave the conversation, and in the question
	await expect(list.locator('mark')).toHaveText(['pengu', 'pengu']);
	await page.keyboard.press('Escape');
	await list.getByRole('link', { name: 'Where do penguins live?' }).hover();
	await page.getByRole('button', { name: 'Delete “Where do penguins live?”' }).click();
	await ask(page, 'Something else');
	await search(page, 'pengu');
	await expect(list.getByText('Nothing was found.')).toBeVisible();
});

test('a conversation is found by the title it was given, without a word of it in its messages @phone', async ({
	page
}) => {
	await fill(page, [
		{ title: 'Bread', back: 0 },
		{ title: 'Soup', back: 3, said: ['How is a soup made?', 'With the soup stock of yesterday'] }
	]);
	await openMenu(page);
	const list = page.getByRole('navigation', { name: 'Conversations' });
	await list.getByRole('button', { name: 'Rename “Bread”' }).click();
	await list.getByRole('textbox', { name: 'Title' }).fill('周末的面包 weekend');
	await page.keyboard.press('Enter');
	await expect(list.getByRole('link', { name: '周末的面包 weekend' })).toBeVisible();
	await search(page, 'week');
	await expect(list.getByText('Titles found: 1')).toBeVisible();
	await expect(list.locator('mark')).toHaveText(['week']);
	expect(await violations(page)).toEqual([]);
	await search(page, '面包');
	await list.getByRole('link', { name: '周末的面包 weekend' }).click();
	await expect(articles(page, 'You')).toHaveText(/Bread/);

	await search(page, 'soup');
	await expect(list.getByText('Titles found: 1 · Messages found: 2')).toBeVisible();
});
