import Dexie from 'dexie';
import { afterEach, expect, test } from 'vitest';
import { History } from '#lib/history/history.ts';
import type { RoomRow } from '#lib/history/rooms/rows.ts';
import { newDevice } from '#lib/seal/device.ts';

const opened: { history: History; name: string }[] = [];

function open(name = `test-${crypto.randomUUID()}`): History {
	const history = new History({ now: () => 1_000, newId: () => crypto.randomUUID() }, name);
	opened.push({ history, name });
	return history;
}

afterEach(async () => {
	for (const { history, name } of opened.splice(0)) {
		history.close();
		await Dexie.delete(name);
	}
});

const ADA = 'a'.repeat(22);
const BOB = 'b'.repeat(22);
const ROOM = 'r'.repeat(22);

const row = (account: string): RoomRow => ({
	...{ id: ROOM, account, access: 'private', role: 'owner', createdAt: 1, title: 'Kitchen', cursor: 0 },
	book: { epoch: 0, devices: {}, gone: [], seen: {} },
	assistance: { offers: {}, wishes: [], open: [] },
	...{ members: [], read: 0, unread: 0, mention: false, last: null, activeAt: 1, ended: null },
	...{ rolledBack: null, version: 1 }
});

/** A room with everything that a room has. */
async function furnish(history: History, account: string) {
	const store = await history.rooms(account);
	await store.setIdentity({ account, ...(await newDevice()) });
	await store.change(async () => {
		await store.putRoom(row(account));
		await store.addKeys([{ room: ROOM, epoch: 0, secret: new Uint8Array(32) }]);
		await store.putEntry({
			...{ account, room: ROOM, seq: 1, index: 0, at: 1, author: account },
			kind: 'unknown'
		});
		await store.addToOutbox(ROOM, { t: 'seen', seq: 1 });
		await store.putFlight({ account, room: ROOM, id: 'x', body: 'y', ns: [1] });
	});
	return store;
}

const contents = async (store: Awaited<ReturnType<typeof furnish>>) => [
	(await store.rooms()).length,
	(await store.allKeys()).length,
	(await store.entries(ROOM, 10)).length,
	(await store.outbox(ROOM)).length,
	Number((await store.flight(ROOM)) !== undefined),
	Number((await store.identity()) !== undefined)
];

test('a history of the third schema is opened, keeps what it had, and takes rooms', async () => {
	const name = `test-${crypto.randomUUID()}`;
	const before = new Dexie(name);
	before.version(3).stores({
		conversations: 'id, updatedAt, pinnedAt',
		messages: 'id, [conversation+depth], parent, state.kind, deletedAt',
		...{ drafts: 'message', settings: 'key', changes: '++at', searchDocs: '++doc, &message', searchLists: '' }
	});
	await before.open();
	await before.table('conversations').add({
		...{ id: 'c', title: 'Kept', createdAt: 1, updatedAt: 1, leaf: null, deletedAt: null }
	});
	await before.table('settings').add({ key: 'model', value: 'kept' });
	before.close();
	const history = open(name);
	expect(await history.settings.get('model')).toBe('kept');
	expect(await (await history.transfer()).counts()).toEqual({
		...{ conversations: 1, messages: 0, rooms: 0 }
	});
	expect(await contents(await furnish(history, ADA))).toEqual([1, 1, 1, 1, 1, 1]);
});

test('rooms of the fourth schema, which knew nothing of a model in them, are opened', async () => {
	const name = `test-${crypto.randomUUID()}`;
	const before = new Dexie(name);
	before.version(4).stores({
		...{ conversations: 'id, updatedAt, pinnedAt', drafts: 'message', settings: 'key', changes: '++at' },
		...{ messages: 'id, [conversation+depth], parent, state.kind, deletedAt', roomDevices: 'account' },
		...{ searchDocs: '++doc, &message', searchLists: '', rooms: '[account+id], account' },
		...{ roomKeys: '[account+room+epoch]', roomOutbox: '[account+room+n]', roomFlights: '[account+room]' },
		roomEntries: '[account+room+seq+index], [account+room+ref]'
	});
	await before.open();
	await before.table('rooms').add({ id: ROOM, account: ADA, title: 'Kitchen' });
	before.close();
	const store = await open(name).rooms(ADA);
	expect(await store.room(ROOM)).toEqual({
		...{ id: ROOM, account: ADA, title: 'Kitchen', assistance: { offers: {}, wishes: [], open: [] } }
	});
	expect(await store.jobs()).toEqual([]);
});

test("each account's rooms are its own, and can be forgotten without the others'", async () => {
	const history = open();
	const [ada, bob] = [await furnish(history, ADA), await furnish(history, BOB)];
	await ada.forget(ROOM);
	expect(await contents(ada)).toEqual([0, 0, 0, 0, 0, 1]);
	await ada.forgetAll();
	expect(await contents(ada)).toEqual([0, 0, 0, 0, 0, 0]);
	expect(await contents(bob)).toEqual([1, 1, 1, 1, 1, 1]);
});

test('erasing everything erases rooms and keys, and no export holds them', async () => {
	const history = open();
	const store = await furnish(history, ADA);
	await history.settings.set('account', { token: 'secret token' });
	const pieces: string[] = [];
	for await (const piece of (await history.transfer()).all()) pieces.push(piece);
	expect(await (await history.transfer()).counts()).toMatchObject({ rooms: 1 });
	for (const secret of [ROOM, ADA, 'Kitchen', 'secret token', 'A'.repeat(43)])
		expect(pieces.join('')).not.toContain(secret);
	await (await history.transfer()).erase();
	expect(await contents(store)).toEqual([0, 0, 0, 0, 0, 0]);
	expect(await history.settings.get('account')).toBeUndefined();
});

test('a live read sees everything that it reads, not only the first part', async () => {
	const history = open();
	const store = await furnish(history, ADA);
	const seen: number[] = [];
	const end = store
		.live(async () => {
			await store.room(ROOM);
			return (await store.outbox(ROOM)).length;
		})
		.subscribe((value) => seen.push(value), console.error);
	await expect.poll(() => seen.at(-1)).toBe(1);
	await store.change(() => store.addToOutbox(ROOM, { t: 'seen', seq: 2 }));
	await expect.poll(() => seen.at(-1)).toBe(2);
	end();
	const plain = store.live(() => store.keys(ROOM).then(() => store.outbox(ROOM)));
	const counts: number[] = [];
	const stop = plain.subscribe((rows) => counts.push(rows.length), console.error);
	await expect.poll(() => counts.at(-1)).toBe(2);
	await store.change(() => store.addToOutbox(ROOM, { t: 'seen', seq: 3 }));
	await expect.poll(() => counts.at(-1)).toBe(3);
	stop();
});
