import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { countingWords, writeTalkingGguf } from '../../scripts/talking/gguf.ts';
import {
	articles,
	ask,
	expect,
	offerCounting,
	SELF_TEST_SENTENCE,
	test,
	useModel,
	whole
} from './fixtures.ts';
import { occupy } from './stored.ts';

const panel = (page: Page) => page.getByRole('dialog', { name: 'Instructions and settings' });

async function openPanel(page: Page) {
	await page.getByRole('button', { name: 'Instructions and settings' }).click();
	await expect(panel(page).getByRole('button', { name: 'Save' })).toBeVisible();
	return panel(page);
}

/** Sets fields by their names, and saves. */
async function set(page: Page, fields: Record<string, string>): Promise<void> {
	const open = await openPanel(page);
	for (const [name, value] of Object.entries(fields))
		await open.getByLabel(name, { exact: true }).fill(value);
	await open.getByRole('button', { name: 'Save' }).click();
	await expect(open).toHaveCount(0);
}

async function details(page: Page, index = -1) {
	const answer = articles(page, 'Assistant').nth(index);
	await answer.getByText('Details').click();
	return answer.locator('details');
}

async function violations(page: Page): Promise<string[]> {
	const { violations: found } = await new AxeBuilder({ page }).analyze();
	return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

test('the panel fits the narrowest screens, in both languages @phone', async ({ page }) => {
	await page.setViewportSize({ width: 320, height: 640 });
	for (const language of ['en', 'zh-Hans']) {
		await page.addInitScript((tag) => localStorage.setItem('alcove:language', tag), language);
		await page.goto('/');
		await page.getByRole('button', { name: /^(Instructions and settings|指令和设置)$/ }).click();
		const dialog = page.getByRole('dialog');
		await expect(dialog.getByRole('button', { name: /^(Save|保存)$/ })).toBeVisible();
		const beyond = await dialog.evaluate((panel) => {
			const { right } = panel.getBoundingClientRect();
			const all = [...panel.querySelectorAll('*')];
			return all.filter((part) => part.getBoundingClientRect().right > right).map((part) => part.tagName);
		});
		expect(beyond, language).toEqual([]);
	}
});

test('instructions are chosen by keyboard, hold for their conversation, and focus comes back @phone', async ({
	page
}) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	const button = page.getByRole('button', { name: 'Instructions and settings' });
	await button.focus();
	await page.keyboard.press('Enter');
	await panel(page).getByLabel('Choose from').selectOption('Tutor');
	const text = panel(page).getByLabel('What the model is told first');
	await expect(text).toHaveValue(/patient tutor/);
	await text.fill('You are a patient tutor of Latin.');
	await page.keyboard.press('Enter');
	await page.keyboard.type('Salve!');
	await panel(page).getByRole('button', { name: 'Save' }).press('Enter');
	await expect(panel(page)).toHaveCount(0);
	await expect(button).toBeFocused();

	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant'));
	await expect(await details(page)).toContainText('You are a patient tutor of Latin.\nSalve!');

	await page.reload();
	await expect(articles(page, 'Assistant')).toContainText(SELF_TEST_SENTENCE);
	await openPanel(page);
	await expect(text).toHaveValue('You are a patient tutor of Latin.\nSalve!');
	await expect(panel(page).getByLabel('Choose from')).toHaveValue('tutor');
	await page.keyboard.press('Escape');
	await expect(panel(page)).toHaveCount(0);
	await expect(button).toBeFocused();

	await page.goto('/');
	await openPanel(page);
	await expect(text).toHaveValue('');
});

test('what is set before the first message outlives its page, in its tab, until the conversation has it', async ({
	page,
	context
}) => {
	await page.goto('/');
	const open = await openPanel(page);
	const text = open.getByLabel('What the model is told first');
	await text.fill('Answer in rhymes.');
	await open.getByLabel('Longest answer').fill('100');
	await open.getByLabel('Only for this conversation').check();
	await open.getByRole('button', { name: 'Save' }).click();
	await expect(open).toHaveCount(0);
	await page.getByRole('textbox', { name: 'Message' }).fill('Hello');

	await page.reload();
	await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue('Hello');
	await openPanel(page);
	await expect(text).toHaveValue('Answer in rhymes.');
	await expect(open.getByLabel('Longest answer')).toHaveValue('100');
	await page.keyboard.press('Escape');
	const other = await context.newPage();
	await other.goto('/');
	await openPanel(other);
	await expect(panel(other).getByLabel('What the model is told first')).toHaveValue('');
	await other.close();

	await page.getByRole('button', { name: 'Send' }).click();
	await expect(articles(page, 'You')).toHaveCount(1);
	await openPanel(page);
	await expect(text).toHaveValue('Answer in rhymes.');
	await expect(open.getByLabel('Only for this conversation')).toBeChecked();
	await page.keyboard.press('Escape');
	const inNew = async () => {
		await page.goto('/');
		await openPanel(page);
		return text.inputValue();
	};
	expect(await inNew()).toBe('');
	await expect(open.getByLabel('Longest answer')).toHaveValue('1024');
	await text.fill('Answer in haiku.');
	await open.getByRole('button', { name: 'Save' }).click();
	await expect(open).toHaveCount(0);
	expect(await inNew()).toBe('Answer in haiku.');
	await text.fill('');
	await open.getByRole('button', { name: 'Save' }).click();
	await expect(open).toHaveCount(0);
	expect(await inNew()).toBe('');
});

test('own instructions are kept, used in another conversation, and deleted', async ({ page }) => {
	await page.goto('/');
	await openPanel(page);
	const text = panel(page).getByLabel('What the model is told first');
	await text.fill('Answer in rhymes.');
	await panel(page).getByLabel('Name').fill('Poet');
	await panel(page).getByRole('button', { name: 'Keep for other conversations' }).click();
	await expect(panel(page).getByRole('button', { name: 'Delete “Poet”' })).toBeVisible();
	await panel(page).getByRole('button', { name: 'Cancel' }).click();

	await page.reload();
	await openPanel(page);
	await panel(page).getByLabel('Choose from').selectOption('Poet');
	await expect(text).toHaveValue('Answer in rhymes.');
	await panel(page).getByRole('button', { name: 'Delete “Poet”' }).click();
	await expect(panel(page).getByRole('option', { name: 'Poet' })).toHaveCount(0);
	await expect(text).toHaveValue('Answer in rhymes.');
});

test('settings are checked, kept on the device, set for one conversation alone, and reset', async ({
	page
}) => {
	await page.goto('/');
	const open = await openPanel(page);
	await open.getByLabel('Temperature').fill('3');
	await open.getByLabel('Seed').fill('half');
	await open.getByRole('button', { name: 'Save' }).click();
	await expect(open.getByLabel('Temperature')).toBeFocused();
	await expect(open.getByLabel('Temperature')).toHaveAccessibleDescription(/^A number from 0 to 2\./);
	await expect(open.getByLabel('Seed')).toHaveAccessibleDescription(/^A whole number from 0 to/);
	expect(await violations(page)).toEqual([]);
	await open.getByLabel('Temperature').fill('0,25');
	await open.getByLabel('Seed').fill('１２');
	await open.getByRole('button', { name: 'Save' }).click();
	await expect(open).toHaveCount(0);

	await ask(page, 'Hello');
	await expect(articles(page, 'You')).toHaveCount(1);
	await openPanel(page);
	await expect(open.getByLabel('Temperature')).toHaveValue('0.25');
	await open.getByLabel('Longest answer').fill('100');
	await open.getByLabel('Only for this conversation').check();
	await open.getByRole('button', { name: 'Save' }).click();
	await expect(open).toHaveCount(0);
	await page.reload();
	await openPanel(page);
	await expect(open.getByLabel('Longest answer')).toHaveValue('100');
	await expect(open.getByLabel('Only for this conversation')).toBeChecked();

	await page.goto('/');
	await openPanel(page);
	await expect(open.getByLabel('Longest answer')).toHaveValue('1024');
	await expect(open.getByLabel('Seed')).toHaveValue('12');
	await open.getByRole('button', { name: 'Back to the defaults' }).click();
	await expect(open.getByLabel('Temperature')).toHaveValue('0.7');
	await expect(open.getByLabel('Seed')).toHaveValue('');
});

test('the panel waits for the settings of its conversation, however late they are read', async ({
	page,
	context,
	host
}) => {
	await page.goto('/');
	await ask(page, 'Hello');
	await expect(articles(page, 'You')).toHaveCount(1);
	await set(page, { 'Longest answer': '100' });
	const open = await openPanel(page);
	await open.getByLabel('Only for this conversation').check();
	await open.getByLabel('Longest answer').fill('200');
	await open.getByRole('button', { name: 'Save' }).click();
	await expect(open).toHaveCount(0);

	const release = await occupy(context, host.origin, ['conversations', 'messages']);
	await page.reload();
	await page.getByRole('button', { name: 'Instructions and settings' }).click();
	await expect(open).toBeVisible();
	await expect(articles(page, 'You')).toHaveCount(0);
	await release();
	await expect(open.getByLabel('Longest answer')).toHaveValue('200');
	await expect(open.getByLabel('Only for this conversation')).toBeChecked();
	await open.getByRole('button', { name: 'Save' }).click();
	await expect(open).toHaveCount(0);
	await page.goto('/');
	await openPanel(page);
	await expect(open.getByLabel('Longest answer')).toHaveValue('100');
});

test('same seed, same settings, same answer; another seed, another answer', async ({ page, host }) => {
	host.model('Skipping', writeTalkingGguf({ words: countingWords(40), name: 'Skipping', skips: true }), 1);
	await useModel(page, 'Skipping');
	const say = async (fields: Record<string, string>) => {
		await page.goto('/');
		await set(page, { Temperature: '1', 'Top-p': '1', ...fields });
		await ask(page, 'Count');
		await whole(articles(page, 'Assistant'));
		return articles(page, 'Assistant').innerText();
	};
	const first = await say({ Seed: '7' });
	expect(await say({ Seed: '8' })).not.toBe(first);
	expect(await say({ Seed: '7' })).toBe(first);
	// greedy: no seed matters
	const greedy = await say({ Temperature: '0', Seed: '7' });
	expect(greedy).not.toBe(first);
	expect(await say({ Temperature: '0', Seed: '8' })).toBe(greedy);
});

test('an answer tells what made it, and what filled the window', async ({ page }) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant'));
	await expect(page.getByText(/^\d+ of 4,096 tokens used$/)).toBeVisible();
	const made = await details(page);
	await expect(made).toContainText('Self-test');
	await expect(made).toContainText('Processor (WebAssembly, llama.cpp)');
	await expect(made).toContainText(/Seed\s*\d+/);
	await expect(made).toContainText(/\d+ read, \d+ written/);
	await expect(made).toContainText(/tokens a second/);
	// a token a byte, but for the words it says itself
	await expect(made).toContainText(/This message\s*5\b/);
	const text = (await made.innerText()).replaceAll(',', '');
	const tokens = (name: string) => Number(new RegExp(`${name}\\s*(\\d+)`).exec(text)?.[1]);
	const parts = ['Instructions', 'Earlier messages', 'This message', 'Marks between messages'].map(tokens);
	const [, read, written] = /(\d+) read (\d+) written/.exec(text) ?? [];
	expect(parts.reduce((sum, size) => sum + size)).toBe(Number(read));
	expect(tokens('The answer')).toBe(Number(written));
	expect(tokens('Room left')).toBe(4096 - Number(read) - Number(written));
});

test('the thread marks what the model no longer sees', async ({ page, host }) => {
	offerCounting(host, 20, 1);
	await useModel(page, 'Counting');
	await page.goto('/');
	const answers = articles(page, 'Assistant');
	await ask(page, `one ${'x'.repeat(2500)}`);
	await whole(answers);
	await expect(page.getByText('The model no longer sees the messages above.')).toHaveCount(0);
	await ask(page, `two ${'y'.repeat(2500)}`);
	await expect(answers).toHaveCount(2);
	await whole(answers.nth(1));
	const mark = page.getByText('The model no longer sees the messages above.');
	await expect(mark).toBeVisible();
	const order = await page
		.locator('.thread')
		.evaluate((thread) => [...thread.querySelectorAll('article, .cut')].map((element) => element.className));
	expect(order.indexOf('quiet cut')).toBeGreaterThan(0);
	expect(order.slice(0, order.indexOf('quiet cut'))).toContain('user');
	expect(order.slice(order.indexOf('quiet cut'))).toContain('user');
});

for (const scheme of ['light', 'dark'] as const) {
	test(`axe finds nothing: panel, details and meter, ${scheme} @phone`, async ({ page }) => {
		await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
		await useModel(page, 'Self-test');
		await page.goto('/');
		await ask(page, 'Hello');
		await whole(articles(page, 'Assistant'));
		await details(page);
		await expect(page.getByText(/tokens used$/)).toBeVisible();
		await expect(page.getByRole('article').getByText('Room left')).toBeVisible();
		expect(await violations(page), 'details').toEqual([]);
		const open = await openPanel(page);
		await open.getByLabel('Choose from').selectOption('Translator, Chinese ⇄ English');
		expect(await violations(page), 'panel').toEqual([]);
		const { width } = page.viewportSize() ?? { width: 0 };
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
	});
}

test('everything is there in Chinese @phone', async ({ page }) => {
	await page.addInitScript(() => localStorage.setItem('alcove:language', 'zh-Hans'));
	await page.goto('/');
	await page.getByRole('button', { name: '指令和设置' }).click();
	const open = page.getByRole('dialog', { name: '指令和设置' });
	await open.getByLabel('选择').selectOption('中英互译');
	await expect(open.getByLabel('首先告诉模型的话')).toHaveValue(/把中文译成英文/);
	expect(await violations(page)).toEqual([]);
	await open.getByRole('button', { name: '保存', exact: true }).click();
	await expect(open).toHaveCount(0);
});
