import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Page } from '@playwright/test';
import { chromiumLaunch } from '../support/chromium.ts';
import { noteFault } from '../support/faults.ts';
import { Seeded } from '../sync/support/seeded.ts';
import {
	articles,
	ask,
	countedTo,
	counts,
	expect,
	offerCounting,
	openMenu,
	test,
	useModel,
	whole
} from './fixtures.ts';

const KILLS = Number(process.env['ALCOVE_KILLS'] ?? 50);
/** Browsers that are killed side by side, each with a history of its own: most of a round is waiting for a start. */
const LANES = 3;
const SEED = Number(process.env['ALCOVE_FAULT_SEED'] ?? 1);

interface Row {
	id: string;
	parent: string | null;
	role: string;
	text: string;
	conversation: string;
}

/** All messages on the disk, read past the app. */
function rowsOf(page: Page): Promise<Row[]> {
	return page.evaluate(
		() =>
			new Promise<Row[]>((resolve, reject) => {
				const request = indexedDB.open('alcove');
				request.onerror = () => reject(new Error('the database does not open'));
				request.onsuccess = () => {
					const all = request.result.transaction('messages').objectStore('messages').getAll();
					all.onsuccess = () => {
						request.result.close();
						resolve(all.result as Row[]);
					};
				};
			})
	);
}

test('questions wait in line: each shows its place, one can leave, the others are answered in order', async ({
	page,
	host
}) => {
	const sentence = offerCounting(host, 60, 40);
	await useModel(page, 'Counting');
	await page.goto('/');
	for (const question of ['One', 'Two', 'Three']) {
		await ask(page, question);
		await expect(articles(page, 'You').last()).toContainText(question);
	}
	const [first, second, third] = [0, 1, 2].map((index) => articles(page, 'Assistant').nth(index));
	if (!first || !second || !third) throw new Error('there are three');
	await expect(second).toContainText('In line: number 2');
	await expect(third).toContainText('In line: number 3');
	await second.getByRole('button', { name: 'Do not answer this' }).click();
	await expect(second).toContainText('Stopped');
	await expect(third).toContainText('In line: number 2');
	// the button goes away under the keyboard when its answer's turn comes: what ends the answer now is Stop
	await third.getByRole('button', { name: 'Do not answer this' }).focus();
	await whole(first);
	await expect(third.getByRole('button', { name: 'Do not answer this' })).toHaveCount(0);
	await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeFocused();
	await whole(third);
	await expect(first).toContainText(sentence);
	await expect(third).toContainText(sentence);
	await expect(second).toContainText('Stopped');
});

test('the service worker is updated in mid-answer: the answer goes on, the update is offered and not forced', async ({
	page,
	host
}) => {
	const sentence = offerCounting(host, 200);
	await useModel(page, 'Counting');
	await page.goto('/');
	await expect(page.getByText('Ready to work offline')).toBeVisible();
	// a page that was there before its service worker looks for no update
	await page.reload();
	await expect(page.getByText('Ready to work offline')).toBeVisible();
	await ask(page, 'Count');
	const answer = articles(page, 'Assistant');
	await counts(answer, 5);
	await page.evaluate(() => Object.assign(window, { unmoved: true }));

	const revision = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
	const index = await readFile('build/index.html', 'utf8');
	const worker = await readFile('build/service-worker.js', 'utf8');
	const next = index.replace('<head>', '<head><meta name="version" content="next">');
	expect(worker).toContain(revision(index));
	host.file('/index.html', next, 'text/html');
	host.file('/service-worker.js', worker.replace(revision(index), revision(next)), 'text/javascript');
	await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
	const offer = page.getByRole('button', { name: 'Update' });
	await expect(offer).toBeVisible();
	const before = await countedTo(answer);
	await counts(answer, Math.min(200, before + 5));
	await whole(answer);
	const same = await page.evaluate(() => 'unmoved' in window);
	noteFault({
		fault: 'service worker updated in mid-answer',
		injected: 1,
		lost: (await answer.innerText()).includes(sentence) ? 0 : 1,
		resumed: 1
	});
	expect(same, 'the page was not loaded anew').toBe(true);
	await expect(answer).toContainText(sentence);
	await offer.click();
	await expect(page.locator('meta[name=version]')).toHaveCount(1);
	await expect(answer).toContainText(sentence);
});

test('a newer version takes the database over in mid-answer: this tab stops, says so, and what was typed outlives its reload', async ({
	page,
	host
}) => {
	offerCounting(host, 400);
	await useModel(page, 'Counting');
	await page.goto('/');
	await ask(page, 'Count');
	const answer = articles(page, 'Assistant');
	// a checkpoint a second
	await counts(answer, 60);
	const field = page.getByRole('textbox', { name: 'Message' });
	await field.fill('half a thought');
	await page.evaluate(
		() =>
			new Promise<void>((resolve, reject) => {
				const request = indexedDB.open('alcove', 9990);
				request.onupgradeneeded = () => request.result.createObjectStore('thoughts');
				request.onerror = () => reject(new Error('the newer version could not take over'));
				request.onsuccess = () => resolve(request.result.close());
			})
	);
	await expect(page.getByRole('alert')).toContainText('Another tab has updated Alcove');
	// whoever speaks the newer version can answer at once
	await expect
		.poll(() =>
			page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name).join())
		)
		.not.toContain('alcove:responder');
	const rows = await rowsOf(page);
	noteFault({ fault: 'database taken over by a newer version', injected: 1, lost: 2 - rows.length });
	expect(rows.map(({ text }) => text).toSorted()).toEqual(['', 'Count']);
	await page.getByRole('button', { name: 'Reload' }).click();
	await expect(page.getByRole('alert')).toContainText('A newer version of Alcove has written this history');
	await expect(field).toHaveValue('half a thought');
});

test('an older history that cannot be taken over stays as it is, and is handed over as a file', async ({
	page,
	host
}) => {
	host.file('/blank.html', '<!doctype html><title>blank</title>', 'text/html');
	await page.goto('/blank.html');
	await page.evaluate(
		() =>
			new Promise<void>((resolve, reject) => {
				const request = indexedDB.open('alcove', 10);
				request.onupgradeneeded = () => {
					const database = request.result;
					const messages = database.createObjectStore('messages', { keyPath: 'id' });
					messages.createIndex('[conversation+depth]', ['conversation', 'depth']);
					messages.createIndex('parent', 'parent');
					messages.createIndex('state.kind', 'state.kind');
					const conversations = database.createObjectStore('conversations', { keyPath: 'id' });
					conversations.createIndex('updatedAt', 'updatedAt');
					database.createObjectStore('drafts', { keyPath: 'message' });
					database.createObjectStore('settings', { keyPath: 'key' });
					const times = { createdAt: 1, updatedAt: 1 };
					conversations.add({ id: 'c', title: 'Old', leaf: 'q', deletedAt: null, ...times });
					const said = { role: 'user', text: 'Written years ago', createdAt: 1 };
					messages.add({ id: 'q', conversation: 'c', parent: null, depth: 0, ...said });
				};
				request.onerror = () => reject(new Error('no database'));
				request.onsuccess = () => resolve(request.result.close());
			})
	);
	await page.addInitScript(() => {
		IDBDatabase.prototype.createObjectStore = () => {
			throw new DOMException('as if the disk failed', 'ConstraintError');
		};
	});
	await page.goto('/');
	await expect(page.getByRole('alert')).toContainText('Nothing was changed or lost');
	const arriving = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Save everything as a file' }).click();
	const saved = await readFile(await (await arriving).path(), 'utf8');
	const lost = saved.includes('Written years ago') ? 0 : 1;
	noteFault({ fault: 'migration of an older database fails', injected: 1, lost });
	expect(lost).toBe(0);
	expect((await rowsOf(page)).map(({ text }) => text)).toEqual(['Written years ago']);
	await page.getByRole('button', { name: 'Reload' }).click();
	await expect(page.getByRole('alert')).toContainText('Nothing was changed or lost');
});

test('a browser that will not keep the storage: the app works, and says so where it matters', async ({
	page
}) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant'));
	await openMenu(page);
	await page.getByRole('link', { name: 'Settings' }).click();
	await expect(page.getByText('The browser may clear it when the device runs short of space.')).toBeVisible();
	await page.getByRole('button', { name: 'Ask to keep it' }).click();
	await expect(page.getByText('The browser did not agree to keep it.')).toBeVisible();
	const rows = await rowsOf(page);
	noteFault({ fault: 'storage persistence denied', injected: 1, lost: 2 - rows.length });
	expect(rows).toHaveLength(2);
});

/** A browser of its own, whose whole group of processes can be killed. */
interface Doomed {
	page: Page;
	kill(): Promise<void>;
}

/** Starts one, and another where a crowded machine keeps the first from answering: nothing was written in it. */
async function startBrowser(profile: string): Promise<Doomed> {
	for (let tries = 1; ; tries++) {
		try {
			return await tryBrowser(profile);
		} catch (error) {
			if (tries === 3) throw error;
		}
	}
}

async function tryBrowser(profile: string): Promise<Doomed> {
	const { executablePath = chromium.executablePath(), args } = chromiumLaunch();
	const own = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, '--no-first-run'];
	// without a GPU and extensions it is there in half the time
	const light = ['--disable-gpu', '--disable-extensions', '--disable-default-apps', '--mute-audio'];
	const child = spawn(executablePath, [...args, ...own, ...light, 'about:blank'], {
		detached: true,
		stdio: ['ignore', 'ignore', 'pipe']
	});
	const gone = once(child, 'exit');
	const { pid } = child;
	if (pid === undefined) throw new Error('the browser did not start');
	const end = async () => {
		process.kill(-pid, 'SIGKILL');
		await gone;
	};
	try {
		let endpoint: string | undefined;
		for await (const line of createInterface(child.stderr)) {
			endpoint = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
			if (endpoint) break;
		}
		if (!endpoint) throw new Error('the browser tells no address');
		const browser = await chromium.connectOverCDP(endpoint, { timeout: 15_000 });
		const page = await (browser.contexts()[0] ?? (await browser.newContext())).newPage();
		return {
			page,
			async kill() {
				await end();
				await browser.close().catch(() => undefined);
			}
		};
	} catch (error) {
		await end().catch(() => undefined);
		throw error;
	}
}

/** What a page says of its troubles, as long as it is open. */
function complaintsOf(page: Page): string[] {
	const complaints: string[] = [];
	page.on('pageerror', (error) => complaints.push(String(error)));
	page.on('requestfailed', (request) =>
		complaints.push(`${request.url()}: ${request.failure()?.errorText ?? 'failed'}`)
	);
	page.on('console', (message) => {
		if (message.type() === 'error') complaints.push(message.text());
	});
	return complaints;
}

/** What came of the kills of one browser. */
interface Toll {
	kills: number;
	acknowledged: string[];
	lost: number;
	broken: number;
}

/** Writes until it is killed and looks what is left, so many times, always with the same history. */
async function killAgainAndAgain(origin: string, kills: number, random: Seeded): Promise<Toll> {
	const toll: Toll = { kills: 0, acknowledged: [], lost: 0, broken: 0 };
	const { acknowledged } = toll;
	const profile = await mkdtemp(join(tmpdir(), 'alcove-kill-'));
	let link = `${origin}/`;
	try {
		for (let round = 0; round <= kills; round++) {
			const { page, kill } = await startBrowser(profile);
			const complaints = complaintsOf(page);
			try {
				await page.goto(link);
				await expect(page.getByRole('textbox', { name: 'Message' })).toBeVisible();
				if (round > 0) {
					const rows = await rowsOf(page);
					const texts = rows.map(({ text }) => text);
					const lost = acknowledged.filter((text) => !texts.includes(text));
					toll.lost += lost.length;
					toll.broken += brokenIn(rows);
					const last = acknowledged.at(-1) ?? '';
					const shown = expect(page.getByRole('log').getByText(last, { exact: true }).last()).toBeVisible();
					await shown.catch((error: unknown) => {
						const seen = JSON.stringify({ round, link, lost, rows: rows.length, complaints });
						throw new Error(`what was taken is not shown: ${seen}`, { cause: error });
					});
				}
				if (round === kills) break;
				const enough = Promise.withResolvers<undefined>();
				const least = acknowledged.length + random.whole(1, 6);
				await page.exposeFunction('acknowledge', (text: string) => {
					acknowledged.push(text);
					if (acknowledged.length >= least) enough.resolve(undefined);
				});
				const writing = page.evaluate(writeOn, round).catch(() => undefined);
				await enough.promise;
				link = page.url();
				// into the midst of a write, wherever that is
				await new Promise((resolve) => setTimeout(resolve, random.whole(0, 40)));
				await kill();
				toll.kills++;
				await writing;
			} finally {
				await kill().catch(() => undefined);
			}
		}
		return toll;
	} finally {
		await rm(profile, { recursive: true, force: true });
	}
}

test(`a browser that is killed in mid-write, ${KILLS} times, loses no message that was taken (seed ${SEED})`, async ({
	host
}) => {
	test.setTimeout(60_000 + KILLS * 10_000);
	// what it would put away for offline is no part of this, and would be begun anew after each kill
	host.answers.set('/service-worker.js', (_, response) => response.writeHead(404).end());
	const lanes = Array.from({ length: Math.min(LANES, KILLS) }, (_, lane) => lane);
	const tolls = await Promise.all(
		lanes.map((lane) =>
			killAgainAndAgain(
				host.origin,
				Math.floor((KILLS + lane) / lanes.length),
				new Seeded(SEED * LANES + lane)
			)
		)
	);
	const sum = (count: (toll: Toll) => number) => tolls.reduce((total, toll) => total + count(toll), 0);
	const kills = sum((toll) => toll.kills);
	const lost = sum((toll) => toll.lost);
	const broken = sum((toll) => toll.broken);
	noteFault({ fault: 'browser killed in mid-write', injected: kills, lost: lost + broken });
	expect(kills).toBe(KILLS);
	expect(sum(({ acknowledged }) => acknowledged.length)).toBeGreaterThanOrEqual(KILLS);
	expect({ lost, broken }).toEqual({ lost: 0, broken: 0 });
});

/** Questions without their one answer, and messages whose parent is not there: a write that was half done. */
function brokenIn(rows: Row[]): number {
	const ids = new Set(rows.map(({ id }) => id));
	const orphans = rows.filter(({ parent }) => parent !== null && !ids.has(parent));
	const answered = rows.filter(({ role }) => role === 'assistant').map(({ parent }) => parent);
	const asked = rows.filter(({ role }) => role === 'user');
	const bare = asked.filter(({ id }) => answered.filter((parent) => parent === id).length !== 1);
	return orphans.length + bare.length;
}

/** Sends one message after another, in the page, and tells of each that the conversation shows. */
async function writeOn(round: number): Promise<void> {
	const field = document.querySelector('textarea');
	const { acknowledge } = window as unknown as { acknowledge(text: string): Promise<void> };
	for (let count = 0; field; count++) {
		const text = `Round ${round}, message ${count}`;
		field.value = text;
		field.dispatchEvent(new Event('input', { bubbles: true }));
		field.form?.requestSubmit();
		const shown = () => document.querySelector('[role=log]')?.textContent.includes(text);
		while (!shown()) await new Promise((resolve) => setTimeout(resolve, 1));
		void acknowledge(text);
	}
}
