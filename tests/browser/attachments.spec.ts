import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { articles, ask, expect, test, useModel, whole } from './fixtures.ts';
import { writeLockedPdf, writePdf } from './pdf.ts';

interface Given {
	name: string;
	mimeType: string;
	buffer: Buffer;
}
const file = (name: string, content: string | Buffer, mimeType = ''): Given => ({
	name,
	mimeType,
	buffer: Buffer.from(content)
});

const choose = (page: Page, ...files: Given[]) => page.getByLabel('Attach a file').setInputFiles(files);
const chip = (page: Page, name: string) =>
	page.getByRole('list', { name: 'Attached files' }).getByRole('listitem').filter({ hasText: name });
const remove = (page: Page, name: string) => page.getByRole('button', { name: `Remove “${name}”` });

/** Hands files over as a drop or a paste does, with whatever text comes along. */
async function give(page: Page, how: 'drop' | 'paste', files: Given[], text?: string): Promise<boolean> {
	const plain = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, content: buffer.toString() }));
	return page.getByRole('textbox', { name: 'Message' }).evaluate(
		(target, given) => {
			const data = new DataTransfer();
			for (const { name, mimeType, content } of given.plain)
				data.items.add(new File([content], name, { type: mimeType }));
			if (given.text !== undefined) data.setData('text/plain', given.text);
			const common = { bubbles: true, cancelable: true };
			if (given.how === 'paste')
				return target.dispatchEvent(new ClipboardEvent('paste', { ...common, clipboardData: data }));
			const over = target.dispatchEvent(new DragEvent('dragover', { ...common, dataTransfer: data }));
			return target.dispatchEvent(new DragEvent('drop', { ...common, dataTransfer: data })) || over;
		},
		{ plain, how, ...(text === undefined ? {} : { text }) }
	);
}

async function violations(page: Page): Promise<string[]> {
	const { violations: found } = await new AxeBuilder({ page }).analyze();
	return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** Paragraphs of which one tells where the key is; far more than fits. */
const LONG = Array.from({ length: 120 }, (_, index) =>
	index === 90
		? 'The silver key hangs behind the kitchen clock, and nobody else knows of it.'
		: `Paragraph ${index} tells of ships and weather. ${'The sea was calm that day. '.repeat(9)}`
).join('\n\n');

test('files are chosen, seen with their cost, removed, and sent with the question @phone', async ({
	page
}) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await choose(page, file('notes.md', '# Notes\n\nBuy <b>milk</b>.'), file('table.csv', 'a,b\n1,2\n'));
	await expect(chip(page, 'notes.md')).toContainText('25 bytes');
	await expect(chip(page, 'notes.md')).toContainText('about 7 tokens');
	await choose(page, file('report.pdf', writePdf(['The first page', 'The second page'])));
	await expect(chip(page, 'report.pdf')).toContainText('about 8 tokens');
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
	expect(await violations(page)).toEqual([]);

	await remove(page, 'table.csv').focus();
	await page.keyboard.press('Enter');
	await expect(chip(page, 'table.csv')).toHaveCount(0);
	await expect(remove(page, 'report.pdf')).toBeFocused();

	await ask(page, 'What shall I buy?');
	await whole(articles(page, 'Assistant'));
	await expect(page.getByRole('list', { name: 'Attached files' })).toHaveCount(0);
	const question = articles(page, 'You');
	await expect(question).not.toContainText('table.csv');
	await question.getByText('notes.md').click();
	await expect(question.getByRole('group', { name: 'notes.md' })).toHaveText('# Notes\n\nBuy <b>milk</b>.');
	await question.getByText('report.pdf').click();
	await expect(question.getByRole('group', { name: 'report.pdf' })).toHaveText(
		'The first page\n\nThe second page'
	);
	expect(await violations(page)).toEqual([]);

	await page.reload();
	await expect(question.getByText('notes.md')).toBeVisible();
	await ask(page, 'Without a file');
	await expect(question.nth(1)).toContainText('Without a file');
	await expect(question.nth(1)).not.toContainText('notes.md');
});

test('files are dropped and pasted; a text with a picture of itself is pasted as text', async ({ page }) => {
	await page.goto('/');
	await page.getByRole('textbox', { name: 'Message' }).waitFor();
	expect(await give(page, 'drop', [file('code.py', 'print(1)')])).toBe(false);
	await expect(chip(page, 'code.py')).toContainText('about 2 tokens');
	expect(await give(page, 'paste', [file('pasted.txt', 'words')])).toBe(false);
	await expect(chip(page, 'pasted.txt')).toContainText('about 2 tokens');
	expect(await give(page, 'paste', [file('cells.png', 'x', 'image/png')], 'A1')).toBe(true);
	await expect(page.getByRole('listitem').filter({ hasText: 'cells.png' })).toHaveCount(0);
});

test('what cannot be read says why, and does not go along @phone', async ({ page }) => {
	await page.goto('/');
	await choose(
		page,
		file('empty.txt', ''),
		file('picture.txt', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2])),
		file('broken.pdf', '%PDF-1.4\nnothing that could be repaired'),
		file('locked.pdf', writeLockedPdf()),
		file('scan.pdf', writePdf([''])),
		file('large.txt', Buffer.alloc(20_000_001, 'a'))
	);
	await expect(chip(page, 'empty.txt')).toContainText('no text in this file');
	await expect(chip(page, 'picture.txt')).toContainText('this is not text');
	await expect(chip(page, 'broken.pdf')).toContainText('this PDF is damaged');
	await expect(chip(page, 'locked.pdf')).toContainText('locked with a password');
	await expect(chip(page, 'scan.pdf')).toContainText('only pictures of pages');
	await expect(chip(page, 'large.txt')).toContainText('larger than 20 MB');
	expect(await violations(page)).toEqual([]);
	await ask(page, 'Nothing of them');
	await expect(articles(page, 'You')).toHaveText(/Nothing of them/);
	await expect(articles(page, 'You').locator('details')).toHaveCount(0);
});

test('more than ten files are not taken, by name', async ({ page }) => {
	await page.goto('/');
	await choose(page, ...Array.from({ length: 12 }, (_, index) => file(`f${index}.txt`, 'x')));
	await expect(page.getByRole('alert')).toHaveText(/At most 10 files .* Not attached: f10.txt and f11.txt/);
	await expect(page.getByRole('list', { name: 'Attached files' }).getByRole('listitem')).toHaveCount(10);
});

test('of a file that is too long the person chooses what is sent, and sees it @phone', async ({ page }) => {
	await page.goto('/');
	await choose(page, file('long.txt', LONG));
	const part = page.getByRole('group', { name: /more than fits/ });
	await expect(part).toContainText('Until there is a question');
	await page.getByRole('textbox', { name: 'Message' }).fill('Where is the silver key?');
	await expect(part).not.toContainText('Until there is a question');
	await part.getByText('See what is sent').click();
	await part.getByText('long.txt').click();
	const preview = part.getByRole('group', { name: 'long.txt' });
	await expect(preview).toContainText('behind the kitchen clock');
	expect(await violations(page)).toEqual([]);
	await part.getByLabel('The first part').check();
	await expect(preview).toContainText('Paragraph 0 ');
	await expect(preview).not.toContainText('kitchen clock');
	await part.getByLabel('The passages').check();
	await ask(page, 'Where is the silver key?');
	const sent = articles(page, 'You').locator('details');
	await expect(sent).toContainText('long.txt · the passages that match');
	await sent.locator('summary').click();
	await expect(sent.getByRole('group', { name: 'long.txt' })).toContainText('behind the kitchen clock');
	await expect(sent.getByRole('group', { name: 'long.txt' })).not.toContainText('Paragraph 3 ');
});
