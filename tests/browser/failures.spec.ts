import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type CDPSession, type Page } from '@playwright/test';
import { writeTalkingGguf } from '../../scripts/talking/gguf.ts';
import { chromiumLaunch } from '../support/chromium.ts';
import { violations } from './axe.ts';
import { articles, ask, counts, expect, offerCounting, test, useModel, whole } from './fixtures.ts';

test('an empty message is not sent, and says what to do', async ({ page }) => {
	await page.goto('/');
	await ask(page, '   ');
	await expect(page.getByRole('alert')).toHaveText('Write a message first.');
	await expect(articles(page, 'You')).toHaveCount(0);
	await page.keyboard.type('x');
	await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a message of 1 MB is refused with its length and the limit, and stays in the composer', async ({
	page
}) => {
	await page.goto('/');
	const text = 'word '.repeat(210_000);
	await ask(page, text);
	await expect(page.getByRole('alert')).toContainText('1,050,000 characters; at most 100,000');
	await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue(text);
});

test('a message that is longer than the context window fails by saying so, and nothing is lost', async ({
	page
}) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	// the self-test model has a token a byte
	await ask(page, 'z'.repeat(6000));
	const answer = articles(page, 'Assistant');
	await whole(answer);
	await expect(answer).toContainText('too long for this model’s memory (6000 tokens, room for');
	await expect(articles(page, 'You')).toContainText('zzzz');
});

test('a link to a chat that is not here says so and offers a new one', async ({ page }) => {
	await page.goto('/chat/0b0e6a5e-0000-4000-8000-000000000000');
	await expect(page.getByRole('heading', { name: 'This conversation is not on this device.' })).toBeVisible();
	await page.getByRole('button', { name: 'New chat' }).click();
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
});

test('a page that does not exist says so', async ({ page }) => {
	await page.goto('/nowhere/at/all');
	await expect(page.getByRole('heading', { name: 'There is no such page.' })).toBeVisible();
});

test('a database from a newer version is left alone', async ({ page, host }) => {
	host.file('/blank.html', '<!doctype html><title>blank</title>', 'text/html');
	await page.goto('/blank.html');
	await page.evaluate(
		() =>
			new Promise<void>((resolve, reject) => {
				const request = indexedDB.open('alcove', 9990);
				request.onupgradeneeded = () => request.result.createObjectStore('thoughts').put('kept', 'key');
				request.onerror = () => reject(new Error('no database'));
				request.onsuccess = () => {
					request.result.close();
					resolve();
				};
			})
	);
	await page.goto('/');
	await expect(page.getByRole('alert')).toContainText('A newer version of Alcove has written this history');
	await ask(page, 'Hello');
	await expect(page.getByRole('alert').last()).toContainText('A newer version of Alcove');
	await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue('Hello');
	const kept = await page.evaluate(
		() =>
			new Promise((resolve) => {
				const request = indexedDB.open('alcove');
				request.onsuccess = () => {
					const get = request.result.transaction('thoughts').objectStore('thoughts').get('key');
					get.onsuccess = () => resolve([request.result.version, get.result]);
				};
			})
	);
	expect(kept).toEqual([9990, 'kept']);
});

test('without any storage (blocked site data) the page says what to do', async ({ host }) => {
	const profile = await mkdtemp(join(tmpdir(), 'alcove-'));
	await mkdir(join(profile, 'Default'));
	const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
	await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(blocked));
	const context = await chromium.launchPersistentContext(profile, { ...chromiumLaunch(), locale: 'en-US' });
	try {
		const page = await context.newPage();
		await page.goto(host.origin);
		await expect(page.getByRole('alert')).toContainText('This browser gives Alcove no storage');
		await page.getByRole('textbox', { name: 'Message' }).fill('Hello');
		await page.keyboard.press('Enter');
		await expect(page.getByRole('alert').last()).toContainText('allow this site to store data');
		await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue('Hello');
		await page.getByRole('link', { name: 'Models' }).click();
		await expect(page.getByRole('article', { name: 'Self-test' })).toBeVisible();
	} finally {
		await context.close();
		await rm(profile, { recursive: true, force: true });
	}
});

/**
 * Fills the disk, as far as the page can tell. Chromium asks for the free space again only half a minute after it did
 * last, so what is waited for is its first refusal.
 */
async function fillDisk(page: Page, browser: CDPSession, origin: string): Promise<void> {
	await browser.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
	const write = () =>
		page.evaluate(
			() =>
				new Promise((resolve) => {
					const opening = indexedDB.open('probe');
					opening.onupgradeneeded = () => opening.result.createObjectStore('store', { autoIncrement: true });
					opening.onerror = () => resolve(opening.error?.name);
					opening.onsuccess = () => {
						const database = opening.result;
						const writing = database.transaction('store', 'readwrite');
						writing.objectStore('store').put('x'.repeat(100_000));
						writing.oncomplete = () => (database.close(), resolve('written'));
						writing.onabort = () => (database.close(), resolve(writing.error?.name));
					};
				})
		);
	await expect.poll(write, { timeout: 60_000 }).toBe('QuotaExceededError');
}

test('on a full disk a message stays in the composer, and is sent once there is room', async ({
	page,
	context,
	host
}) => {
	test.slow();
	await page.goto('/');
	await expect(page.getByRole('status').filter({ hasText: 'Ready to work offline' })).toBeVisible();
	const browser = await context.newCDPSession(page);
	await fillDisk(page, browser, host.origin);
	const text = `Hello ${'x'.repeat(90_000)}`;
	await ask(page, text);
	await expect(page.getByRole('alert')).toContainText('The device’s storage is full');
	await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue(text);
	await browser.send('Storage.overrideQuotaForOrigin', { origin: host.origin });
	await page.keyboard.press('Enter');
	await expect(articles(page, 'You')).toContainText('Hello xxxx');
});

test('where there is no room for a model, the download says how much is needed', async ({
	page,
	context,
	host
}) => {
	await page.goto('/models');
	const browser = await context.newCDPSession(page);
	await browser.send('Storage.overrideQuotaForOrigin', { origin: host.origin, quotaSize: 1 });
	const card = page.getByRole('article', { name: 'Self-test' });
	await card.getByRole('button', { name: 'Download' }).click();
	await expect(card.getByRole('alert')).toContainText('there is no room');
	await browser.send('Storage.overrideQuotaForOrigin', { origin: host.origin });
	await card.getByRole('button', { name: 'Download' }).click();
	await expect(card.getByRole('button', { name: 'Use' })).toBeVisible();
});

test('without WebGPU the processor is chosen, and the page says why', async ({ host }) => {
	const { executablePath } = chromiumLaunch();
	const browser = await chromium.launch({
		...(executablePath ? { executablePath } : {}),
		args: ['--no-sandbox', '--disable-gpu', '--disable-features=WebGPU', '--disable-background-networking']
	});
	try {
		const page = await browser.newPage({ locale: 'en-US' });
		await page.goto(`${host.origin}/models`);
		await expect(page.getByText('No usable graphics card')).toBeVisible();
		const card = page.getByRole('article', { name: 'Qwen2 0.5B Instruct' });
		await expect(card).toContainText('the processor: with q4_k_m instead of q4f16_1');
		await expect(card).toContainText('WebGPU is not available in this browser');
		await expect(card).toContainText('Recommended for this device');
	} finally {
		await browser.close();
	}
});

test('a GPU without shader-f16 gets the model that runs on it, and the page says why', async ({ page }) => {
	await page.goto('/models');
	await expect(page.getByText('without 16-bit arithmetic (shader-f16)')).toBeVisible();
	const fitting = page.getByRole('article', { name: 'Qwen2.5 0.5B Instruct' });
	await expect(fitting).toContainText('Recommended for this device');
	await expect(fitting).toContainText('the graphics card: with q4f32_1 instead of q4f16_1');
	const other = page.getByRole('article', { name: 'Qwen2 0.5B Instruct' });
	await expect(other).toContainText('the processor: with q4_k_m instead of q4f16_1');
	await page
		.getByRole('combobox', { name: 'Engine' })
		.selectOption({ label: 'Processor (WebAssembly, llama.cpp)' });
	await expect(fitting).toContainText('the processor: as you chose');
});

const hostFaults: { name: string; fault: (path: string) => [number, string, string]; words: RegExp }[] = [
	{ name: '404', fault: () => [404, 'text/plain', 'no'], words: /answered 404 for/ },
	{ name: '500', fault: () => [500, 'text/plain', 'no'], words: /answered 500 for/ },
	{
		name: 'HTML for a model',
		fault: () => [200, 'text/html', '<!doctype html><title>Log in</title>'],
		words: /what came is not a model/
	}
];
for (const { name, fault, words } of hostFaults) {
	test(`a model host that answers ${name} fails the download in words, and it can be tried again`, async ({
		page,
		host
	}) => {
		const [status, type, body] = fault('/self-test.gguf');
		host.answers.set('/self-test.gguf', (_, response) => {
			response.writeHead(status, { 'Content-Type': type }).end(body);
		});
		await page.clock.install();
		await page.goto('/models');
		const card = page.getByRole('article', { name: 'Self-test' });
		await card.getByRole('button', { name: 'Download' }).click();
		// a host that fails is asked again for about a minute, which need not be waited for
		await expect(async () => {
			await page.clock.fastForward(10_000);
			await expect(card.getByRole('alert')).toContainText(words, { timeout: 500 });
		}).toPass();
		host.answers.delete('/self-test.gguf');
		await card.getByRole('button', { name: 'Download' }).click();
		await expect(card.getByRole('button', { name: 'Use' })).toBeVisible();
	});
}

test('a download shows its progress, is cancelled or paused, and goes on after a reload where it was; its files can be verified and mended', async ({
	page,
	host
}) => {
	const gguf = writeTalkingGguf({ words: ['Hello'], name: 'Slow' });
	host.model('Slow', gguf, 1);
	const ranges: (string | undefined)[] = [];
	const half = Math.floor(gguf.length / 2);
	let generous = false;
	host.answers.set('/own.gguf', (request, response) => {
		const { range } = request.headers;
		ranges.push(range);
		const from = Number(/\d+/.exec(range ?? '0')?.[0]);
		const type = { 'Content-Type': 'application/octet-stream', 'Content-Length': gguf.length - from };
		const part = { 'Content-Range': `bytes ${from}-${gguf.length - 1}/${gguf.length}` };
		response.writeHead(range === undefined ? 200 : 206, range === undefined ? type : { ...type, ...part });
		if (generous) return void response.end(gguf.subarray(from));
		// half of it at once, and the rest byte by byte: longer than anyone waits
		let at = half;
		response.write(gguf.subarray(from, at));
		const trickle = setInterval(() => response.write(gguf.subarray(at, ++at)), 100);
		response.on('close', () => clearInterval(trickle));
	});
	await page.goto('/models');
	const card = page.getByRole('article', { name: 'Slow' });
	await card.getByRole('button', { name: 'Download' }).click();
	const bar = card.getByRole('progressbar', { name: 'Downloading Slow' });
	const onItsWay = () => expect.poll(async () => Number(await bar.getAttribute('value')));
	await onItsWay().toBeGreaterThan(gguf.length / 3);
	await card.getByRole('button', { name: 'Cancel' }).click();
	await expect(bar).toHaveCount(0);
	await page.reload();
	await expect(card).not.toContainText('Paused');
	await card.getByRole('button', { name: 'Download' }).click();
	await onItsWay().toBeGreaterThan(gguf.length / 3);
	await expect(card).toContainText(/ a second · about .* left/);
	await card.getByRole('button', { name: 'Stop for now' }).click();
	await expect(bar).toHaveCount(0);
	await expect(card).toContainText(/Paused at [\d.]+ kB of [\d.]+ kB/);
	expect(await violations(page)).toEqual([]);

	generous = true;
	await page.reload();
	await expect(card).toContainText(/Paused at/);
	await card.getByRole('button', { name: 'Resume' }).click();
	await expect(card.getByRole('button', { name: 'Use' })).toBeVisible();
	expect(ranges.slice(0, 2)).toEqual([undefined, undefined]);
	expect(ranges).toHaveLength(3);
	expect(Number(/\d+/.exec(ranges[2] ?? '')?.[0])).toBeGreaterThanOrEqual(half);

	await card.getByRole('button', { name: 'Verify' }).click();
	await expect(card).toContainText('every byte is as it should be');
	await page.evaluate(async () => {
		const first = async (folder: FileSystemDirectoryHandle): Promise<FileSystemFileHandle | undefined> => {
			for await (const entry of folder.values()) {
				if (entry instanceof FileSystemFileHandle) return entry;
				const inside = entry instanceof FileSystemDirectoryHandle && (await first(entry));
				if (inside) return inside;
			}
			return undefined;
		};
		const file = await first(await navigator.storage.getDirectory());
		if (!file) throw new Error('no file');
		const writable = await file.createWritable({ keepExistingData: true });
		await writable.write({ type: 'write', position: 1_000, data: new Uint8Array(1_000) });
		await writable.close();
	});
	await card.getByRole('button', { name: 'Verify' }).click();
	await expect(card).toContainText('Something was damaged or missing.');
	expect(await violations(page)).toEqual([]);
	await card.getByRole('button', { name: 'Repair' }).click();
	await expect(card.getByRole('button', { name: 'Use' })).toBeVisible();
	await card.getByRole('button', { name: 'Verify' }).click();
	await expect(card).toContainText('every byte is as it should be');
});

test('a download on a network that costs says so beside the button, with its size', async ({ page }) => {
	await page.addInitScript(() => {
		Object.defineProperty(navigator, 'connection', { value: { saveData: true, type: 'cellular' } });
	});
	await page.goto('/models');
	const button = page.getByRole('article', { name: 'Self-test' }).getByRole('button', { name: 'Download' });
	await expect(button).toHaveAccessibleDescription(/Data saver is on.*\d kB may cost you/);
	expect(await violations(page)).toEqual([]);
});

test('a model can be deleted, and its answers then say that it is gone', async ({ page }) => {
	await useModel(page, 'Self-test');
	page.on('dialog', (dialog) => void dialog.accept());
	const card = page.getByRole('article', { name: 'Self-test' });
	await card.getByRole('button', { name: 'Delete' }).click();
	await expect(card.getByRole('button', { name: 'Download' })).toBeVisible();
	await page.goto('/');
	await ask(page, 'Hello');
	await expect(articles(page, 'Assistant')).toContainText('as soon as you choose a model');
});

test('files that vanished behind the app’s back are noticed at use', async ({ page }) => {
	await useModel(page, 'Self-test');
	await page.evaluate(async () => {
		for (const name of await caches.keys()) if (!name.includes('precache')) await caches.delete(name);
	});
	await page.goto('/');
	await ask(page, 'Hello');
	await expect(articles(page, 'Assistant')).toContainText('Self-test is not on this device any more');
});

test('a corrupt model fails in words that say what to do', async ({ page, host }) => {
	const gguf = writeTalkingGguf({ words: ['Hello'], name: 'Broken' });
	gguf.fill(0xff, 64, 4096);
	host.model('Broken', gguf, 1);
	await useModel(page, 'Broken');
	await page.goto('/');
	await ask(page, 'Hello');
	const answer = articles(page, 'Assistant');
	await whole(answer);
	await expect(answer).toContainText('The model’s files are damaged. Delete the model');
});

test('an engine whose worker dies in mid-answer is started again, and the answer goes on', async ({
	page,
	host
}) => {
	const sentence = offerCounting(host, 120);
	await useModel(page, 'Counting');
	await page.goto('/');
	await ask(page, 'Count');
	const answer = articles(page, 'Assistant');
	await counts(answer, 20);
	const worker = page.workers().find((candidate) => candidate.url().includes('wllama'));
	// an error that nothing catches, as a crashing library throws it
	await worker?.evaluate(() => {
		setTimeout(() => {
			throw new Error('the worker broke');
		});
	});
	await whole(answer);
	await expect(answer).toContainText(sentence);
	await expect(answer).toContainText(
		'The engine stopped working; the answer was continued where it stopped.'
	);
});
