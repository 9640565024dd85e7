import Dexie from 'dexie';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readImport } from '#lib/history/formats/read.ts';
import { History } from '#lib/history/history.ts';
import { readAsItIs } from '#lib/history/rescue.ts';
import { Database, SCHEMA_VERSION } from '#lib/history/schema.ts';

/** The stores of every earlier schema, as they were shipped: kept here apart, lest an edit of the code go unseen. */
const SHIPPED: Record<number, Record<string, string>> = {
	1: {
		conversations: 'id, updatedAt',
		messages: 'id, [conversation+depth], parent, state.kind',
		drafts: 'message',
		settings: 'key'
	},
	2: {
		conversations: 'id, updatedAt',
		messages: 'id, [conversation+depth], parent, state.kind, deletedAt',
		drafts: 'message',
		settings: 'key'
	},
	3: {
		conversations: 'id, updatedAt, pinnedAt',
		messages: 'id, [conversation+depth], parent, state.kind, deletedAt',
		drafts: 'message',
		settings: 'key',
		changes: '++at',
		searchDocs: '++doc, &message',
		searchLists: ''
	},
	4: {
		conversations: 'id, updatedAt, pinnedAt',
		messages: 'id, [conversation+depth], parent, state.kind, deletedAt',
		drafts: 'message',
		settings: 'key',
		changes: '++at',
		searchDocs: '++doc, &message',
		searchLists: '',
		rooms: '[account+id], account',
		roomKeys: '[account+room+epoch]',
		roomDevices: 'account',
		roomEntries: '[account+room+seq+index], [account+room+ref]',
		roomOutbox: '[account+room+n]',
		roomFlights: '[account+room]'
	},
	5: {
		conversations: 'id, updatedAt, pinnedAt',
		messages: 'id, [conversation+depth], parent, state.kind, deletedAt',
		drafts: 'message',
		settings: 'key',
		changes: '++at',
		searchDocs: '++doc, &message',
		searchLists: '',
		rooms: '[account+id], account',
		roomKeys: '[account+room+epoch]',
		roomDevices: 'account',
		roomEntries: '[account+room+seq+index], [account+room+ref]',
		roomOutbox: '[account+room+n]',
		roomFlights: '[account+room]',
		roomJobs: 'id'
	}
};

const names: string[] = [];
const histories: History[] = [];
afterEach(async () => {
	vi.restoreAllMocks();
	for (const history of histories.splice(0)) history.close();
	for (const name of names.splice(0)) await Dexie.delete(name);
});

function historyOf(name: string): History {
	const history = new History({ now: () => 5000, newId: () => crypto.randomUUID() }, name);
	histories.push(history);
	return history;
}

const usage = { promptTokens: 1, completionTokens: 1, timeToFirstToken: 1, tokensPerSecond: 1 };
const home = { id: 'c', title: 'Talk', createdAt: 1, updatedAt: 3, leaf: 'a2', deletedAt: null };
const base = { conversation: 'c', text: '' };
const rows = [
	{ ...base, id: 'q1', parent: null, depth: 0, createdAt: 1, role: 'user', text: 'First 第一' },
	{
		...base,
		id: 'a1',
		parent: 'q1',
		depth: 1,
		createdAt: 1,
		role: 'assistant',
		text: 'One',
		state: { kind: 'done', at: 2, usage, reason: 'end' }
	},
	{ ...base, id: 'q2', parent: 'a1', depth: 2, createdAt: 2, role: 'user', text: 'Second' },
	{
		...base,
		id: 'a2',
		parent: 'q2',
		depth: 3,
		createdAt: 2,
		role: 'assistant',
		state: { kind: 'writing', by: 'gone', since: 2, attempts: 1 }
	}
];

/** A database of an earlier version, with a conversation whose last answer was being written. */
async function older(version: number, stores: Record<string, string> | undefined): Promise<string> {
	const name = `migration-${crypto.randomUUID()}`;
	names.push(name);
	const before = new Dexie(name);
	before.version(version).stores(stores ?? {});
	await before.table('conversations').add(home);
	await before.table('messages').bulkAdd(rows);
	await before.table('drafts').add({ message: 'a2', text: 'Half', at: 3 });
	await before.table('settings').add({ key: 'overflow', value: 'summary' });
	before.close();
	return name;
}

/** The object stores that are there, whether today's schema names them or not. */
async function storesOf(name: string): Promise<string[]> {
	const asIs = await new Dexie(name).open();
	const stores = [...asIs.backendDB().objectStoreNames].sort();
	asIs.close();
	return stores;
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
	let text = '';
	for await (const piece of pieces) text += piece;
	return text;
}

/** What an export holds, as far as it tells what survived. */
async function contents(text: string) {
	const { conversations, settings } = await readImport(text, 0);
	return {
		said: conversations.flatMap(({ messages }) => messages.map((message) => message.text)),
		settings: settings.map(({ key }) => key)
	};
}

const ALL = { said: ['First 第一', 'One', 'Second', 'Half'], settings: ['overflow'] };

test('every earlier schema is among those that are tried', () => {
	expect(Object.keys(SHIPPED).map(Number)).toEqual(
		Array.from({ length: SCHEMA_VERSION - 1 }, (_, index) => index + 1)
	);
});

describe.each(Object.keys(SHIPPED).map(Number))('a database of schema %i', (version) => {
	test('is opened with all that is in it, and its answer goes on', async () => {
		const name = await older(version, SHIPPED[version]);
		const history = historyOf(name);
		await history.open();
		const path = await history.messages.readPath('c', 10);
		expect(path?.entries.map(({ message }) => message.id)).toEqual(['q1', 'a1', 'q2', 'a2']);
		expect(await history.settings.get('overflow')).toBe('summary');
		const jobs = await history.jobs();
		expect(await jobs.claim('a2', 'heir')).toMatchObject({ text: 'Half', orphan: true });
		await jobs.end('a2', { kind: 'done', at: 9, usage, reason: 'end' }, 'Half and half');
		// what later schemas added works: deleting, pinning, rooms
		await (await history.branches()).remove('q2');
		await history.conversations.pin('c', true);
		expect(await (await history.transfer()).counts()).toEqual({ conversations: 1, messages: 2, rooms: 0 });
		const stores = [...new Database(name).tables].map((table) => table.name).sort();
		expect(await storesOf(name)).toEqual(stores);
	});

	test('that cannot be brought into today’s is left as it is, and can be saved as a file', async () => {
		const name = await older(version, SHIPPED[version]);
		const fault = vi.spyOn(IDBDatabase.prototype, 'createObjectStore').mockImplementation(() => {
			throw new DOMException('as if the disk failed', 'ConstraintError');
		});
		await expect(historyOf(name).open()).rejects.toMatchObject({ name: 'HistoryError', kind: 'upgrade' });
		expect(await contents(await textOf(readAsItIs(name)))).toEqual(ALL);
		const [found] = (await indexedDB.databases()).filter((each) => each.name === name);
		expect(found?.version).toBe(version * 10);
		// and again: the failed try has changed nothing
		await expect(historyOf(name).open()).rejects.toMatchObject({ kind: 'upgrade' });
		expect(await contents(await textOf(readAsItIs(name)))).toEqual(ALL);
		fault.mockRestore();
		const history = historyOf(name);
		await history.open();
		expect(await contents(await textOf((await history.transfer()).all()))).toEqual(ALL);
	});
});

test('what was saved of a database that could not be opened is taken in by another device', async () => {
	const text = await textOf(readAsItIs(await older(1, SHIPPED[1])));
	const name = `migration-${crypto.randomUUID()}`;
	names.push(name);
	const history = historyOf(name);
	await history.open();
	await (await history.transfer()).take(await readImport(text, 0));
	const path = await history.messages.readPath('c', 10);
	expect(path?.entries.map(({ message }) => message.text)).toEqual(ALL.said);
});

test('a tab that is open while a newer version takes the database over is told, and has lost nothing', async () => {
	const name = `migration-${crypto.randomUUID()}`;
	names.push(name);
	const old = historyOf(name);
	await old.open();
	const told = new Promise<void>((resolve) => old.onOutdated(resolve));
	const { conversation, answer } = await old.messages.ask('Written by the old one');
	await (await old.jobs()).checkpoint(answer, 'Half');
	const newer = new Dexie(name);
	newer.version(SCHEMA_VERSION + 1).stores({ thoughts: 'id', messages: 'id', drafts: 'message' });
	await newer.open();
	await told;
	await expect(old.messages.ask('Too late', conversation)).rejects.toMatchObject({ name: 'HistoryError' });
	const texts = (await newer.table('messages').toArray()).map(({ text }: { text: string }) => text);
	expect(texts.toSorted()).toEqual(['', 'Written by the old one']);
	expect(await newer.table('drafts').get(answer)).toMatchObject({ text: 'Half' });
	newer.close();
});
