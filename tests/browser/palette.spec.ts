import type { Locator, Page } from '@playwright/test';
import { articles, ask, counts, expect, offerCounting, openMenu, test, useModel, whole } from './fixtures.ts';
import { fill, violations } from './stored.ts';

const palette = (page: Page) => page.getByRole('dialog', { name: 'Search and commands' });
const field = (page: Page) => palette(page).getByRole('combobox');
const options = (page: Page) => palette(page).getByRole('option');
const composer = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const shortcuts = (page: Page) => page.getByRole('dialog', { name: 'Keyboard shortcuts' });

/** Opens the palette by its key and chooses what fits best. */
async function command(page: Page, words: string): Promise<void> {
	await page.keyboard.press('Control+k');
	await field(page).fill(words);
	await expect(options(page).first()).toContainText(words);
	await page.keyboard.press('Enter');
	await expect(palette(page)).toHaveCount(0);
}

/** The option that Enter would choose. */
async function active(page: Page): Promise<Locator> {
	const id = (await field(page).getAttribute('aria-activedescendant')) ?? '';
	const option = palette(page).locator(`[id="${id}"]`);
	await expect(option).toHaveAttribute('aria-selected', 'true');
	return option;
}

/** Holds back what is fetched at its first use, such as what hears the keys, until it may come. */
async function hold(page: Page) {
	const held = Promise.withResolvers<true>();
	const isAsked = page.waitForRequest('**/immutable/**');
	await page.route('**/immutable/**', async (route) => {
		await held.promise;
		await route.continue();
	});
	return { isAsked, come: () => held.resolve(true) };
}

const SAID = ['How is bread made?', 'The treasure lies under the old oak'];
const STORED = [
	{ title: 'Bread', back: 0, said: SAID },
	{ title: 'Soup', back: 1 },
	{ title: 'Cheese', back: 3 }
];

test('what is typed while the palette is still on its way is for it', async ({ page }) => {
	await fill(page, STORED);
	await composer(page).focus();
	const { come, isAsked } = await hold(page);
	await page.keyboard.press('Control+k');
	await isAsked;
	// one of these letters is a shortcut, too
	await page.keyboard.type('cheen');
	await page.keyboard.press('Backspace');
	await page.keyboard.type('se');
	// asked for once more, it is not the browser's own key either
	await page.evaluate(() =>
		addEventListener('keydown', ({ defaultPrevented }) => Object.assign(window, { defaultPrevented }))
	);
	await page.keyboard.press('Control+k');
	expect(await page.evaluate(() => Reflect.get(window, 'defaultPrevented') as boolean)).toBe(true);
	come();
	await expect(field(page)).toHaveValue('cheese');
	await expect(options(page).first()).toContainText('Cheese');
	await page.keyboard.press('Escape');
	await expect(palette(page)).toHaveCount(0);
	await expect(composer(page)).toHaveValue('');
	// and not when it comes again
	await page.keyboard.press('Control+k');
	await expect(field(page)).toHaveValue('');
});

test('the palette finds commands, titles and passages, and opens what is chosen', async ({ page }) => {
	await fill(page, STORED);
	await composer(page).focus();
	await page.keyboard.press('Control+k');
	await expect(field(page)).toBeFocused();
	await expect(palette(page).getByRole('group', { name: 'Conversations' }).getByRole('option')).toHaveText([
		'Bread',
		'Soup',
		'Cheese'
	]);
	await expect(options(page).filter({ hasText: 'Rooms' })).toHaveCount(1);
	await expect(await active(page)).toContainText('New chat');
	await page.keyboard.press('ArrowUp');
	await expect(await active(page)).toContainText('Cheese');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowDown');
	await expect(options(page).nth(1)).toHaveAttribute('aria-selected', 'true');
	expect(await violations(page)).toEqual([]);
	await page.screenshot({ path: 'test-results/palette.png' });

	await field(page).pressSequentially('treas');
	await expect(palette(page).locator('mark')).toHaveText(['treas']);
	await expect(palette(page).getByRole('status')).toHaveText('Results: 1');
	await page.keyboard.press('Enter');
	const said = articles(page, 'You').filter({ hasText: 'The treasure lies' });
	await expect(said).toBeFocused();
	await expect(palette(page)).toHaveCount(0);

	await page.keyboard.press('Control+k');
	await field(page).pressSequentially('che');
	await expect(palette(page).getByRole('group', { name: 'Conversations' }).locator('mark')).toHaveText('Che');
	await palette(page).getByRole('option', { name: 'Cheese', exact: true }).first().click();
	await expect(articles(page, 'You')).toHaveText(/Cheese/);

	await page.keyboard.press('Control+k');
	await field(page).fill('nothing of that kind');
	await expect(palette(page).getByRole('status')).toHaveText('Nothing was found.');
	expect(await violations(page), 'nothing found').toEqual([]);
	await page.keyboard.press('Escape');
	await expect(palette(page)).toHaveCount(0);
});

test('the palette renames, pins and deletes the conversation that is open, and changes how the page looks', async ({
	page
}) => {
	await fill(page, STORED);
	const list = page.getByRole('navigation', { name: 'Conversations' });
	await list.getByRole('link', { name: 'Soup' }).click();
	await expect(articles(page, 'You')).toHaveText(/Soup/);

	await page.keyboard.press('Control+k');
	await field(page).fill('rename');
	await expect(options(page)).toHaveText(['Rename this conversation']);
	await page.keyboard.press('Enter');
	const title = palette(page).getByRole('textbox', { name: 'Title' });
	await expect(title).toHaveValue('Soup');
	await expect(title).toBeFocused();
	expect(await violations(page)).toEqual([]);
	await title.fill('Stew');
	await page.keyboard.press('Enter');
	await expect(list.getByRole('link', { name: 'Stew' })).toBeVisible();

	await command(page, 'Pin this');
	await expect(list.getByRole('list', { name: 'Pinned' }).getByRole('link')).toHaveText(['Stew']);
	await command(page, 'Unpin this');
	await expect(list.getByRole('list', { name: 'Pinned' })).toHaveCount(0);

	await command(page, 'Appearance: Dark');
	await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
	await command(page, 'Text size: Larger');
	await expect(page.locator('html')).toHaveAttribute('data-text', 'larger');

	await command(page, 'Delete this');
	await expect(list.getByRole('link', { name: 'Stew' })).toHaveCount(0);
	await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
	await command(page, 'Models');
	await expect(page.getByRole('heading', { name: 'Models', exact: true })).toBeVisible();
});

test('the palette is opened by a button, too, and by touch @phone', async ({ page }) => {
	await fill(page, STORED);
	await openMenu(page);
	await page.getByRole('button', { name: 'Search and commands' }).click();
	await expect(field(page)).toBeFocused();
	expect(await violations(page)).toEqual([]);
	await page.screenshot({ path: `test-results/palette-button-${page.viewportSize()?.width}.png` });
	await palette(page).getByRole('button', { name: 'Close' }).click();
	await expect(palette(page)).toHaveCount(0);

	await openMenu(page);
	await page.getByRole('button', { name: 'Search and commands' }).click();
	await field(page).fill('brea');
	await palette(page).getByRole('option', { name: 'How is bread made?' }).click();
	await expect(articles(page, 'You').first()).toBeFocused();
});

test('an answer is stopped, asked for again, copied and its question edited, all by keys', async ({
	page,
	host,
	context
}) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: host.origin });
	offerCounting(host, 60);
	await useModel(page, 'Counting');
	await page.keyboard.press('n');
	await expect(composer(page)).toBeFocused();
	await ask(page, 'Count');
	const answer = articles(page, 'Assistant');
	await counts(answer, 3);
	await page.keyboard.press('Escape');
	await expect(answer).toContainText('Stopped');
	// a letter that is typed stays a letter
	await page.keyboard.type('never mind?/');
	await expect(composer(page)).toHaveValue('never mind?/');
	await composer(page).fill('');

	await page.getByRole('main').focus();
	await page.keyboard.press('r');
	await expect(answer).toHaveAttribute('aria-busy', 'true');
	await whole(answer);
	await page.keyboard.press('c');
	await expect(answer.getByRole('status').filter({ hasText: 'Copied' })).toHaveCount(1);
	expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('1 2 3 4');
	// the message that it was asked for has the focus
	await expect(answer).toBeFocused();
	await page.keyboard.press('k');
	await expect(articles(page, 'You')).toBeFocused();
	await page.keyboard.press('j');
	await expect(answer).toBeFocused();
	await page.keyboard.press('e');
	await expect(page.getByRole('textbox', { name: 'Edited message' })).toBeFocused();
	await page.keyboard.press('Escape');
	await page.keyboard.press('m');
	await expect(composer(page)).toBeFocused();
	await page.keyboard.press('Control+Shift+o');
	await expect(page).toHaveURL(/\/$/);
	await expect(composer(page)).toBeFocused();
});

test('what is typed right after Escape has closed the list is a message @phone-only', async ({ page }) => {
	await page.goto('/');
	await openMenu(page);
	const { come, isAsked } = await hold(page);
	await page.keyboard.press('Escape');
	await isAsked;
	await composer(page).focus();
	await page.keyboard.type('Hello there');
	come();
	await expect(composer(page)).toHaveValue('Hello there');
});

test('Escape closes the list before it stops an answer @phone-only', async ({ page, host }) => {
	offerCounting(host);
	await useModel(page, 'Counting');
	await page.goto('/');
	await ask(page, 'Count');
	const answer = articles(page, 'Assistant');
	await counts(answer, 3);
	const menu = page.getByRole('button', { name: 'Menu' });
	await menu.click();
	await page.keyboard.press('Escape');
	await expect(menu).toHaveAttribute('aria-expanded', 'false');
	await counts(answer, 20);
	await page.keyboard.press('Escape');
	await expect(answer).toContainText('Stopped');
});

for (const scheme of ['light', 'dark'] as const)
	test(`the shortcuts are listed, and those of a single key are switched off: ${scheme} @phone`, async ({
		page
	}) => {
		await page.emulateMedia({ colorScheme: scheme });
		await page.goto('/settings');
		await page.getByRole('button', { name: 'Show all shortcuts' }).click();
		await expect(shortcuts(page)).toContainText('Search and commands');
		await expect(shortcuts(page)).toContainText('Ctrl');
		expect(await violations(page)).toEqual([]);
		await page.screenshot({ path: `test-results/shortcuts-${scheme}-${page.viewportSize()?.width}.png` });
		await page.keyboard.press('Escape');
		await expect(shortcuts(page)).toHaveCount(0);

		await page.getByRole('main').focus();
		await page.keyboard.press('?');
		await shortcuts(page).getByRole('checkbox', { name: 'Use shortcuts of a single key' }).uncheck();
		expect(await violations(page), 'switched off').toEqual([]);
		await shortcuts(page).getByRole('button', { name: 'Close' }).click();
		const choice = page.getByRole('group', { name: 'Keyboard shortcuts' }).getByRole('checkbox');
		await expect(choice).not.toBeChecked();
		await page.getByRole('main').focus();
		await page.keyboard.press('?');
		await page.keyboard.press('n');
		await page.keyboard.press('Control+/');
		await expect(shortcuts(page)).toBeVisible();
		await expect(page).toHaveURL(/settings/);
	});

test('no shortcut is heard while an input method composes', async ({ page }) => {
	await page.goto('/');
	await composer(page).focus();
	const input = await page.context().newCDPSession(page);
	await input.send('Input.imeSetComposition', { text: 'ni', selectionStart: 2, selectionEnd: 2 });
	for (const modifiers of [0, 2])
		await input.send('Input.dispatchKeyEvent', {
			type: 'rawKeyDown',
			key: 'k',
			code: 'KeyK',
			windowsVirtualKeyCode: 229,
			modifiers
		});
	await input.send('Input.insertText', { text: '你' });
	await expect(composer(page)).toHaveValue('你');
	await expect(palette(page)).toHaveCount(0);
	await page.keyboard.press('Control+k');
	await expect(field(page)).toBeFocused();
});

test('the palette speaks Chinese, and Apple’s keyboards are named as they are', async ({ page }) => {
	await page.addInitScript(() => {
		localStorage.setItem('alcove:language', 'zh-Hans');
		Object.defineProperty(navigator, 'platform', { value: 'MacIntel' });
	});
	await page.emulateMedia({ colorScheme: 'dark' });
	await page.goto('/');
	await page.getByRole('textbox').focus();
	await page.keyboard.press('Meta+k');
	const dialog = page.getByRole('dialog', { name: '搜索与命令' });
	await expect(dialog.getByRole('option', { name: '新对话' })).toContainText('⌘');
	await page.screenshot({ path: 'test-results/palette-zh.png' });
	expect(await violations(page)).toEqual([]);
	await dialog.getByRole('combobox').fill('english');
	await expect(dialog.getByRole('option')).toHaveText(['语言：English']);
	await page.keyboard.press('Enter');
	await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});
