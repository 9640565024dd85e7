import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { countingWords, writeTalkingGguf } from '../../scripts/talking/gguf.ts';
import type { Host } from '../support/host.ts';
import { articles, ask, expect, offerCounting, openMenu, test, useModel, whole } from './fixtures.ts';

const DROPPED = 'The model no longer sees the messages above.';
const TOLD = 'Of the messages above, the model is given the summary.';
const TO_TELL = 'Before the next answer, the model summarises the messages above.';

const gauge = (page: Page) => page.locator('.composer .gauge');
const field = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const summaryNote = (page: Page) => page.locator('details.summary');

/** A model that counts, with a window so small that a few messages fill it. */
function offerSmall(host: Host, upTo = 20, pace = 1): void {
	const gguf = writeTalkingGguf({ words: countingWords(upTo), name: 'Counting' });
	host.model('Counting', gguf, pace, 1024);
}

/** What one part of the gauge has, in tokens. */
async function tokens(page: Page, part: string): Promise<number> {
	const text = await gauge(page).getByRole('listitem').filter({ hasText: part }).innerText();
	return Number(/([\d,]+)$/.exec(text.trim())?.[1]?.replaceAll(',', ''));
}

async function used(page: Page): Promise<number> {
	const text = await gauge(page).locator('summary').innerText();
	return Number(/([\d,]+) of/.exec(text)?.[1]?.replaceAll(',', ''));
}

async function violations(page: Page): Promise<string[]> {
	const { violations: found } = await new AxeBuilder({ page }).analyze();
	return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** Asks, and waits until the answer of this number is whole. */
async function exchange(page: Page, text: string, number: number): Promise<void> {
	await ask(page, text);
	await expect(articles(page, 'Assistant')).toHaveCount(number);
	await whole(articles(page, 'Assistant').nth(number - 1));
}

/** Sets what becomes of the oldest messages, in the panel of the open conversation. */
async function setPolicy(page: Page, name: string, here = false): Promise<void> {
	await page.getByRole('button', { name: 'Instructions and settings' }).click();
	const panel = page.getByRole('dialog', { name: 'Instructions and settings' });
	await panel.getByRole('radio', { name }).check();
	if (here) await panel.getByLabel('Only for this conversation').check();
	await panel.getByRole('button', { name: 'Save' }).click();
	await expect(panel).toHaveCount(0);
}

test('the window is weighed while one writes: about before the model is loaded, then exactly @phone', async ({
	page,
	context
}) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await field(page).fill('a'.repeat(450));
	await expect(gauge(page).getByText(/^about \d+ of 4,096 tokens used$/)).toBeVisible();
	await gauge(page).locator('summary').click();
	await expect(gauge(page)).toContainText('Estimates, until the model is loaded and can count.');
	await expect(gauge(page)).toContainText(/This message\s*about 113/);

	await exchange(page, 'Hello', 1);
	await expect(gauge(page).getByText(/^\d+ of 4,096 tokens used$/)).toBeVisible();
	if (!(await gauge(page).getByRole('list').isVisible())) await gauge(page).locator('summary').click();
	await expect(gauge(page)).not.toContainText('Estimates');
	// a token a byte
	await field(page).fill('three');
	await expect.poll(() => tokens(page, 'This message')).toBe(5);
	const with5 = await used(page);
	await field(page).fill('三');
	await expect.poll(() => tokens(page, 'This message')).toBe(3);
	expect(await used(page)).toBe(with5 - 2);
	expect(await tokens(page, 'Room left')).toBe(4096 - (await used(page)));
	expect(await violations(page)).toEqual([]);

	// the tab that has no engine is told by the one that has it
	const second = await context.newPage();
	await second.goto(page.url());
	await field(second).fill('zzzzzzzzz');
	await expect(gauge(second).getByText(/^\d+ of 4,096 tokens used$/)).toBeVisible();
	await gauge(second).locator('summary').click();
	await expect.poll(() => tokens(second, 'This message')).toBe(9);
});

test('what is weighed is what the answer is then made from, files too', async ({ page }) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await exchange(page, 'Hello', 1);
	await gauge(page).locator('summary').click();
	const name = 'notes.txt';
	const buffer = Buffer.from('QQ 牛奶。');
	await page.getByLabel('Attach a file').setInputFiles({ name, mimeType: 'text/plain', buffer });
	await expect(page.getByRole('list', { name: 'Attached files' })).toContainText('12 tokens');
	await expect(page.getByRole('list', { name: 'Attached files' })).not.toContainText('about');
	await field(page).fill('Which?');
	await expect.poll(() => tokens(page, 'This message')).toBe(6);
	const parts = ['Instructions', 'Earlier messages', 'Attached files', 'This message'];
	const weighed = await Promise.all(parts.map((part) => tokens(page, part)));
	expect(weighed[2]).toBeGreaterThan(12);
	await page.keyboard.press('Enter');
	await expect(articles(page, 'Assistant')).toHaveCount(2);
	const answer = articles(page, 'Assistant').nth(1);
	await whole(answer);
	await answer.getByText('Details').click();
	await expect(answer.getByRole('listitem').filter({ hasText: 'Attached files' })).toBeVisible();
	const made = await Promise.all(
		parts.map(async (part) => {
			const text = await answer.getByRole('listitem').filter({ hasText: part }).innerText();
			return Number(/([\d,]+)$/.exec(text.trim())?.[1]);
		})
	);
	expect(made).toEqual(weighed);
});

test('typing while an answer is written leaves the answer whole, and is weighed after it', async ({
	page,
	host
}) => {
	const sentence = offerCounting(host, 120, 25);
	await useModel(page, 'Counting');
	await page.goto('/');
	await exchange(page, 'Count', 1);
	await ask(page, 'And again');
	await expect(articles(page, 'Assistant').nth(1)).toHaveAttribute('aria-busy', 'true');
	for (const text of ['one', 'one and two', 'one and two and three']) {
		await field(page).fill(text);
		await expect(gauge(page).getByText(/^about [\d,]+ of/)).toBeVisible();
	}
	await expect(articles(page, 'Assistant').nth(1)).toHaveAttribute('aria-busy', 'true');
	await whole(articles(page, 'Assistant').nth(1));
	await expect(articles(page, 'Assistant').nth(1)).toContainText(sentence);
	await expect(gauge(page).getByText(/^[\d,]+ of 4,096 tokens used$/)).toBeVisible();
	await gauge(page).locator('summary').click();
	await expect.poll(() => tokens(page, 'This message')).toBe(21);
});

test('a message that is too long is known before it is sent', async ({ page }) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await exchange(page, 'Hello', 1);
	await field(page).fill('x'.repeat(4500));
	await expect(page.getByText(/^This message is too long for the model: 4,500 tokens/)).toBeVisible();
	await field(page).fill('x'.repeat(300));
	await expect(page.getByText(/^This message is too long/)).toHaveCount(0);
});

test('a running summary is written, given, read, edited, thrown away and brought back @phone', async ({
	page,
	host
}) => {
	offerSmall(host);
	await useModel(page, 'Counting');
	await page.goto('/settings');
	await page.getByRole('radio', { name: 'Keep a running summary' }).check();
	await openMenu(page);
	await page.getByRole('navigation').getByRole('button', { name: 'New chat' }).click();
	await exchange(page, `one ${'x'.repeat(330)}`, 1);
	await exchange(page, `two ${'y'.repeat(330)}`, 2);
	// what the next answer will need is told before
	await expect(page.getByText(TO_TELL)).toBeVisible();
	await exchange(page, 'three', 3);
	await expect(page.getByText(TOLD)).toBeVisible();
	const note = summaryNote(page);
	await expect(note).toHaveCount(1);
	await note.getByText('Summary of what came before').click();
	await expect(note).toContainText('1 2 3 4 5');
	await expect(note).toContainText(
		'The model is given this instead of the messages above. Written by Counting.'
	);
	expect(await violations(page), 'read').toEqual([]);
	const order = await page
		.locator('.thread')
		.evaluate((thread) =>
			[...thread.querySelectorAll('article, .cut, details.summary')].map((e) => e.className)
		);
	expect(order.indexOf('quiet cut')).toBe(order.indexOf('summary') + 1);

	await note.getByRole('button', { name: 'Edit the summary' }).click();
	const words = note.getByRole('textbox', { name: 'Edited summary' });
	await expect(words).toBeFocused();
	await words.fill('They said x and y.');
	expect(await violations(page), 'editing').toEqual([]);
	await note.getByRole('button', { name: 'Save' }).click();
	await expect(note.getByRole('button', { name: 'Edit the summary' })).toBeFocused();
	await expect(note).toContainText('In your words.');
	await exchange(page, 'four', 4);
	const answer = articles(page, 'Assistant').nth(3);
	await answer.getByText('Details').click();
	await expect(answer).toContainText('They said x and y.');

	await note.getByRole('button', { name: 'Throw the summary away' }).click();
	await expect(note).toHaveCount(0);
	await expect(page.getByText(TO_TELL)).toBeVisible();
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(page.getByText(TOLD)).toBeVisible();
	await page.reload();
	await expect(summaryNote(page)).toHaveCount(1);
	await expect(page.getByText(TOLD)).toBeVisible();
	const { width } = page.viewportSize() ?? { width: 0 };
	expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
});

test('Stop ends a summary too, and nothing of it is kept; the next answer writes it', async ({
	page,
	host
}) => {
	offerSmall(host, 300, 25);
	await useModel(page, 'Counting');
	await page.goto('/');
	await setPolicy(page, 'Keep a running summary', true);
	await ask(page, `one ${'x'.repeat(330)}`);
	await page.getByRole('button', { name: 'Stop' }).click();
	await expect(articles(page, 'Assistant').first()).toContainText('Stopped');
	await ask(page, `two ${'y'.repeat(330)}`);
	await page.getByRole('button', { name: 'Stop' }).click();
	await expect(articles(page, 'Assistant').nth(1)).toContainText('Stopped');
	await ask(page, `three ${'z'.repeat(300)}`);
	await expect(page.locator('.waiting')).toContainText('First summarising what no longer fits');
	await page.getByRole('button', { name: 'Stop' }).click();
	await expect(articles(page, 'Assistant').nth(2)).toContainText('Stopped');
	await expect(summaryNote(page)).toHaveCount(0);
	await articles(page, 'Assistant').nth(2).getByRole('button', { name: 'Try again' }).click();
	await expect(summaryNote(page)).toHaveCount(1, { timeout: 40_000 });
	await expect(articles(page, 'Assistant').nth(2)).toContainText('1 2 3');
});

test('a fork and a changed policy show at once how far the model sees @phone', async ({ page, host }) => {
	offerSmall(host);
	await useModel(page, 'Counting');
	await page.goto('/');
	await exchange(page, `one ${'x'.repeat(600)}`, 1);
	await exchange(page, `two ${'y'.repeat(600)}`, 2);
	await expect(page.getByText(DROPPED)).toBeVisible();
	await articles(page, 'Assistant').nth(1).getByRole('button', { name: 'Fork' }).click();
	await expect(page.getByText('This is a copy')).toBeVisible();
	await expect(page.getByText(DROPPED)).toBeVisible();
	// the copy's own mark, without any model loaded
	await page.reload();
	await expect(page.getByText(DROPPED)).toBeVisible();
	await setPolicy(page, 'Keep a running summary', true);
	await expect(page.getByText(TO_TELL)).toBeVisible();
	await expect(page.getByText(DROPPED)).toHaveCount(0);
	await exchange(page, 'three', 3);
	await expect(page.getByText(TOLD)).toBeVisible();
	await setPolicy(page, 'Leave out the oldest messages');
	await expect(page.getByText(DROPPED)).toBeVisible();
	await expect(page.getByText(TOLD)).toHaveCount(0);
	await summaryNote(page).getByText('Summary of what came before').click();
	await expect(summaryNote(page)).toContainText('The model is not given this at present.');
});

for (const scheme of ['light', 'dark'] as const) {
	test(`everything is there in Chinese, ${scheme} @phone`, async ({ page, host }, info) => {
		await page.emulateMedia({ colorScheme: scheme });
		offerSmall(host);
		await useModel(page, 'Counting');
		await page.evaluate(() => localStorage.setItem('alcove:language', 'zh-Hans'));
		await page.goto('/settings');
		await page.getByRole('radio', { name: '保留一份不断更新的摘要' }).check();
		expect(await violations(page), 'settings').toEqual([]);
		const menu = page.getByRole('button', { name: '菜单' });
		if (await menu.isVisible()) await menu.click();
		await page.getByRole('navigation').getByRole('button', { name: '新对话' }).click();
		const field = page.getByRole('textbox', { name: '消息' });
		for (const [index, text] of ['x'.repeat(330), 'y'.repeat(330), '三'].entries()) {
			await field.fill(text);
			await page.keyboard.press('Enter');
			const answer = page.getByRole('article', { name: '助手', exact: true }).nth(index);
			await expect(answer).toHaveAttribute('aria-busy', 'false', { timeout: 40_000 });
		}
		await expect(page.getByText('上面的消息，模型只得到摘要。')).toBeVisible();
		await summaryNote(page).getByText('前文摘要').click();
		await page.getByText(/^已用 [\d,]+，共 1,024 个词元$/).click();
		await expect(page.locator('.gauge')).toContainText('摘要');
		expect(await violations(page), 'thread').toEqual([]);
		await page.screenshot({ path: info.outputPath('thread.png') });
	});
}
