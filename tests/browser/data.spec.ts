import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Download, Page } from '@playwright/test';
import { articles, ask, expect, openMenu, SELF_TEST_SENTENCE, test, useModel, whole } from './fixtures.ts';

async function contentOf(download: Download): Promise<string> {
	return readFile(await download.path(), 'utf8');
}

async function exportAll(page: Page): Promise<string> {
	await page.goto('/settings');
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Export everything' }).click();
	const file = await download;
	expect(file.suggestedFilename()).toMatch(/^alcove-\d{4}-\d\d-\d\d\.json$/);
	return contentOf(file);
}

async function chooseFile(page: Page, name: string, content: string): Promise<void> {
	const choosing = page.waitForEvent('filechooser');
	await page.getByRole('button', { name: 'Choose a file…' }).click();
	const buffer = Buffer.from(content);
	await (await choosing).setFiles({ name, mimeType: 'application/json', buffer });
}

async function eraseEverything(page: Page): Promise<void> {
	await page.getByRole('button', { name: 'Erase everything…' }).click();
	await page.getByRole('textbox', { name: 'To confirm' }).fill('erase');
	await page.getByRole('button', { name: 'Erase for good' }).click();
	await expect(page).toHaveURL(/\/$/);
}

/** What axe finds, shortly: the rule and where. */
async function violations(page: Page): Promise<string[]> {
	const { violations: found } = await new AxeBuilder({ page }).analyze();
	return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

const CHATGPT = JSON.stringify([
	{
		conversation_id: 'c1',
		title: 'From elsewhere',
		create_time: 1700000000,
		update_time: 1700000100,
		current_node: 'a',
		mapping: {
			q: {
				id: 'q',
				parent: null,
				message: {
					author: { role: 'user' },
					content: { content_type: 'multimodal_text', parts: ['What is this?', { asset_pointer: 'x' }] }
				}
			},
			a: {
				id: 'a',
				parent: 'q',
				message: { author: { role: 'assistant' }, content: { content_type: 'text', parts: ['A **niche**.'] } }
			}
		}
	}
]);

test('what was erased in one tab is gone from the others, with what was being written there', async ({
	page,
	context
}) => {
	await page.goto('/');
	const other = await context.newPage();
	await other.goto('/');
	const field = other.getByRole('textbox', { name: 'Message' });
	await field.fill('Nobody is to read this');
	await page.goto('/settings');
	await eraseEverything(page);
	await expect(field).toHaveValue('');
	await other.reload();
	await expect(field).toHaveValue('');
});

test('export → erase → import gives back the same history, byte for byte in a second export @phone', async ({
	page
}) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await ask(page, 'Hello 你好');
	await whole(articles(page, 'Assistant'));
	const link = page.url();
	const before = await exportAll(page);
	expect(before).toContain('Hello 你好');
	await expect(page.getByText('conversations: 1, messages: 2')).toBeVisible();
	await expect(page.getByRole('definition').filter({ hasText: ', as a file' })).toBeVisible();

	await eraseEverything(page);
	await openMenu(page);
	await expect(page.getByText('Your conversations appear here.')).toBeVisible();
	expect(
		await page.evaluate(async () => (await caches.keys()).filter((name) => /model|webllm/.test(name)))
	).toEqual([]);
	expect(
		await page.evaluate(async () => Array.fromAsync((await navigator.storage.getDirectory()).keys()))
	).toEqual([]);
	await page.goto(link);
	await expect(page.getByText('This conversation is not on this device.')).toBeVisible();

	await page.goto('/settings');
	await chooseFile(page, 'mine.json', before);
	const preview = page.getByRole('group', { name: 'In “mine.json”' });
	await expect(preview).toContainText('conversations: 1, messages: 2');
	await preview.getByRole('button', { name: 'Import' }).click();
	await expect(
		page.getByRole('status').filter({ hasText: 'Imported. Conversations: 1, messages: 2.' })
	).toBeVisible();
	expect(await exportAll(page)).toBe(before);
	await page.goto(link);
	await expect(articles(page, 'Assistant')).toContainText(SELF_TEST_SENTENCE);

	await page.goto('/settings');
	await chooseFile(page, 'mine.json', before);
	await expect(page.getByText('Everything in this file is here already.')).toBeVisible();
});

test('another app’s file is shown first, then taken in; a wrong one is refused with its place', async ({
	page
}) => {
	await page.goto('/settings');
	await chooseFile(page, 'conversations.json', CHATGPT);
	const preview = page.getByRole('group', { name: 'In “conversations.json”' });
	await expect(preview).toContainText('ChatGPT');
	await expect(preview).toContainText('no place here: 1');
	await preview.getByRole('button', { name: 'Cancel' }).click();
	await expect(preview).toHaveCount(0);
	await expect(page.getByRole('button', { name: 'Choose a file…' })).toBeFocused();
	await expect(page.getByRole('link', { name: 'From elsewhere' })).toHaveCount(0);

	await chooseFile(page, 'conversations.json', CHATGPT);
	await preview.getByRole('button', { name: 'Import' }).click();
	await page.getByRole('link', { name: 'From elsewhere' }).click();
	await expect(articles(page, 'Assistant').locator('strong')).toHaveText('niche');

	await page.goto('/settings');
	await chooseFile(page, 'broken.json', CHATGPT.replace('"What is this?"', '"x"').replace('"user"', '7'));
	await expect(page.getByRole('alert')).toContainText('[0].mapping["q"].message.author.role');
	await chooseFile(page, 'chat.zip', 'PK');
	await expect(page.getByRole('alert')).toContainText('unpack it');
});

test('one conversation is exported from its page, by keyboard', async ({ page }) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant'));
	const button = page.getByRole('button', { name: 'Export conversation' });
	await button.focus();
	await page.keyboard.press('Enter');
	await expect(button).toHaveAttribute('aria-expanded', 'true');
	expect(await violations(page)).toEqual([]);
	await page.keyboard.press('Escape');
	await expect(page.getByRole('button', { name: 'As Markdown' })).toHaveCount(0);
	await expect(button).toBeFocused();

	await page.keyboard.press('Enter');
	await page.keyboard.press('Tab');
	const markdown = page.waitForEvent('download');
	await page.keyboard.press('Enter');
	expect((await markdown).suggestedFilename()).toBe('Hello.md');
	expect(await contentOf(await markdown)).toContain(`# Hello\n\n## You\n\nHello\n\n## Assistant (`);

	await button.click();
	const json = page.waitForEvent('download');
	await page.getByRole('button', { name: 'As JSON' }).click();
	expect((await json).suggestedFilename()).toBe('Hello.json');
	expect(JSON.parse(await contentOf(await json))).toMatchObject({ format: 'alcove', version: 1 });
});

test('backups go into the chosen folder by themselves', async ({ page }) => {
	// a real folder of the browser's; only the system's dialog is answered for the person
	await page.addInitScript(() => {
		const pick = async () =>
			(await navigator.storage.getDirectory()).getDirectoryHandle('Backups', { create: true });
		Object.assign(window, { showDirectoryPicker: pick });
	});
	const backups = () =>
		page.evaluate(async () => {
			const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('Backups');
			const files: string[] = [];
			// TypeScript's library does not know that a folder can be read through
			const handles = (folder as unknown as { values(): AsyncIterable<FileSystemFileHandle> }).values();
			for await (const handle of handles) files.push(await (await handle.getFile()).text());
			return files.join();
		});
	await page.goto('/');
	await ask(page, 'First question');
	await expect(articles(page, 'You')).toBeVisible();
	await page.goto('/settings');
	await page.getByRole('button', { name: 'Choose a folder…' }).click();
	await expect(page.getByText('Backups go into the folder “Backups”.')).toBeVisible();
	await expect(page.getByRole('definition').filter({ hasText: 'into the folder' })).toBeVisible();
	expect(await backups()).toContain('First question');

	await page.goto('/');
	await ask(page, 'Second question');
	await expect(articles(page, 'You')).toBeVisible();
	await page.reload();
	await expect.poll(backups).toContain('Second question');

	await page.goto('/settings');
	await page.getByRole('button', { name: 'Stop automatic backups' }).click();
	await expect(page.getByRole('button', { name: 'Choose a folder…' })).toBeVisible();
});

for (const scheme of ['light', 'dark'] as const) {
	for (const [language, words] of [
		['en', { file: 'Choose a file…', erase: 'Erase everything…' }],
		['zh-Hans', { file: '选择文件…', erase: '清除全部…' }]
	] as const) {
		test(`axe finds nothing in the data section: ${scheme}, ${language} @phone`, async ({ page }) => {
			await page.emulateMedia({ colorScheme: scheme });
			await page.addInitScript((tag) => localStorage.setItem('alcove:language', tag), language);
			await page.goto('/settings');
			await page.getByRole('button', { name: words.erase }).click();
			await expect(page.getByRole('textbox')).toBeFocused();
			const choosing = page.waitForEvent('filechooser');
			await page.getByRole('button', { name: words.file }).click();
			const buffer = Buffer.from(CHATGPT);
			await (await choosing).setFiles({ name: 'c.json', mimeType: 'application/json', buffer });
			await expect(page.locator('#data-preview')).toBeFocused();
			expect(await violations(page)).toEqual([]);
		});
	}
}
