import { readFile, writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { writeTalkingGguf } from '../../scripts/talking/gguf.ts';
import { violations } from './axe.ts';
import { articles, ask, expect, SELF_TEST_SENTENCE, test, useModel, whole } from './fixtures.ts';

/** Saves a model that is here as a file. @returns where it lies */
async function saveAsFile(page: Page, name: string, path: string): Promise<void> {
	const saved = page.waitForEvent('download');
	await page.getByRole('article', { name }).getByRole('button', { name: 'Save as a file' }).click();
	const download = await saved;
	expect(download.suggestedFilename()).toBe('self-test-gguf.alcovemodel');
	await download.saveAs(path);
	await expect(page.getByRole('status').filter({ hasText: 'is being saved' })).toBeVisible();
}

async function takeIn(page: Page, path: string): Promise<void> {
	await page.getByLabel('Choose a file').setInputFiles(path);
}

test('export a model → erase all → import it from the file without a network → it answers', async ({
	page,
	host
}, info) => {
	const file = info.outputPath('carried.alcovemodel');
	await useModel(page, 'Self-test');
	await page.goto('/');
	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant'));
	await page.goto('/models');
	await saveAsFile(page, 'Self-test', file);

	await page.goto('/settings');
	await page.getByRole('button', { name: 'Erase everything…' }).click();
	await page.getByRole('textbox', { name: 'To confirm' }).fill('erase');
	await page.getByRole('button', { name: 'Erase for good' }).click();
	await page.waitForURL(/\/$/);
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
	await host.close();

	await page.goto('/models');
	const card = page.getByRole('article', { name: 'Self-test' });
	await expect(card.getByRole('button', { name: 'Download' })).toBeVisible();
	await takeIn(page, file);
	await expect(page.getByRole('status').filter({ hasText: 'Self-test is on this device now' })).toBeVisible();
	expect(await violations(page)).toEqual([]);
	await card.getByRole('button', { name: 'Use' }).click();
	await expect(card.getByText('In use')).toBeVisible();
	await page.goto('/');
	await ask(page, 'Hello again');
	const answer = articles(page, 'Assistant');
	await whole(answer);
	await expect(answer).toContainText(SELF_TEST_SENTENCE);
});

test('a file that was damaged, cut or is of another kind is refused in words, and nothing stays', async ({
	page
}, info) => {
	const path = info.outputPath('carried.alcovemodel');
	await useModel(page, 'Self-test');
	await saveAsFile(page, 'Self-test', path);
	page.on('dialog', (dialog) => void dialog.accept());
	const card = page.getByRole('article', { name: 'Self-test' });
	await card.getByRole('button', { name: 'Delete' }).click();
	await expect(card.getByRole('button', { name: 'Download' })).toBeVisible();

	const good = await readFile(path);
	const damaged = Buffer.from(good);
	damaged[good.length - 1000] = (damaged[good.length - 1000] ?? 0) ^ 1;
	const cases: [string, Buffer, RegExp][] = [
		['damaged.alcovemodel', damaged, /its bytes were changed on the way .* Copy it again/],
		['cut.alcovemodel', good.subarray(0, -1000), /it ends after .* of .* Copy it again/],
		['notes.txt', Buffer.from('just some notes'), /neither a model saved by Alcove nor a GGUF/],
		['cut.gguf', writeTalkingGguf({ words: ['x'], name: 'x' }).subarray(0, 5000) as Buffer, /it ends after/]
	];
	for (const [name, content, words] of cases) {
		const bad = info.outputPath(name);
		await writeFile(bad, content);
		await takeIn(page, bad);
		const alert = page.getByRole('alert');
		await expect(alert).toContainText(name);
		await expect(alert).toContainText(words);
	}
	expect(await violations(page)).toEqual([]);
	await page.reload();
	await expect(card.getByRole('button', { name: 'Download' })).toBeVisible();
	await takeIn(page, path);
	await expect(card.getByRole('button', { name: 'Use' })).toBeVisible();
});

test('without room a file is refused with the numbers', async ({ page, context, host }, info) => {
	const path = info.outputPath('own.gguf');
	await writeFile(path, writeTalkingGguf({ words: ['Hello'], name: 'From a disk' }));
	await page.goto('/models');
	const browser = await context.newCDPSession(page);
	await browser.send('Storage.overrideQuotaForOrigin', { origin: host.origin, quotaSize: 1 });
	await takeIn(page, path);
	await expect(page.getByRole('alert')).toContainText('there is no room');
});

test('an address that the page may not reach is refused with what to do; one that it may is listed', async ({
	page,
	host
}) => {
	host.file('/beside.gguf', writeTalkingGguf({ words: ['Hello'], name: 'x' }), 'application/octet-stream');
	await page.goto('/models');
	await page.getByText('Or from an address').click();
	const address = page.getByRole('textbox', { name: 'Address of the GGUF file or MLC folder' });
	await address.fill('https://example.com/model.gguf');
	await page.getByRole('button', { name: 'Add to the list' }).click();
	await expect(page.getByRole('alert')).toContainText('this page may not reach example.com');
	await expect(page.getByRole('alert')).toContainText('choose it above');
	expect(await violations(page)).toEqual([]);
	await address.fill(`${host.origin}/beside.gguf`);
	await page.getByRole('button', { name: 'Add to the list' }).click();
	const card = page.getByRole('article', { name: 'beside' });
	await card.getByRole('button', { name: 'Download' }).click();
	await expect(card.getByRole('button', { name: 'Use' })).toBeVisible();
});

test('a GGUF from the disk becomes a model that answers, stays listed, and can be deleted @phone', async ({
	page
}, info) => {
	const path = info.outputPath('mine.gguf');
	await writeFile(
		path,
		writeTalkingGguf({ words: ['Greetings', 'from', 'the', 'disk.'], name: 'From a disk' })
	);
	await page.goto('/models');
	await takeIn(page, path);
	const card = page.getByRole('article', { name: 'From a disk' });
	await expect(card).toContainText('Added by you');
	await page.reload();
	await card.getByRole('button', { name: 'Use' }).click();
	await expect(card.getByText('In use')).toBeVisible();
	await page.goto('/');
	await ask(page, 'Hello');
	const answer = articles(page, 'Assistant');
	await whole(answer);
	await expect(answer).toContainText('Greetings from the disk.');
	page.on('dialog', (dialog) => void dialog.accept());
	await page.goto('/models');
	await card.getByRole('button', { name: 'Delete' }).click();
	await expect(card).toHaveCount(0);
	await page.reload();
	await expect(page.getByRole('article', { name: 'Self-test' })).toBeVisible();
	await expect(card).toHaveCount(0);
});
