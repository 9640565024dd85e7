import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
	closeAll,
	device,
	eventually,
	level,
	logIn,
	messages,
	online,
	person,
	show,
	shows,
	texts,
	together
} from '../../support/rooms-client.ts';
import { takeSyncServer, type SyncServer } from '../../support/sync-host-client.ts';

let server: SyncServer;

beforeEach(async () => {
	server = await takeSyncServer();
});

afterEach(async () => {
	await closeAll();
	await server.order({ do: 'remove' });
});

describe('a room', () => {
	test('is created, joined by its link, and both read each other, also after they come back', async () => {
		const [ada, bob] = [await person(server, 'ada'), await person(server, 'bob')];
		const { id, rooms } = await together(ada, bob);
		const [hers, his] = rooms;
		if (!hers || !his) throw new Error('nobody is there');
		await eventually(() => expect(hers.members).toHaveLength(2));
		expect(await hers.send('Hello @bob')).toBe(true);
		await shows(his, ['Hello @bob']);
		expect(await his.send('Hello', messages(his)[0]?.ref)).toBe(true);
		await shows(hers, ['Hello @bob', 'Hello']);
		expect(messages(hers)[1]).toMatchObject({
			name: 'bob',
			mine: false,
			reply: { name: 'ada', text: 'Hello @bob' }
		});
		expect(messages(his)[0]).toMatchObject({ name: 'ada', mentionsMe: true });
		await eventually(() =>
			expect(hers.members.map(({ name, here }) => [name, here])).toEqual([
				['ada', true],
				['bob', true]
			])
		);
		expect([hers.title, his.title]).toEqual(['Kitchen', 'Kitchen']);
		expect(bob.rooms.list).toMatchObject([{ id, title: 'Kitchen', unread: 1, mention: true, hasKey: true }]);
		expect(hers.items.flatMap((item) => (item.kind === 'notice' ? [item.notice] : []))).toMatchObject([
			{ kind: 'joined', name: 'ada' },
			{ kind: 'joined', name: 'bob' }
		]);
		const again = bob.tab();
		bob.rooms.close();
		const room = show(again, id);
		await level(room);
		expect(texts(room)).toEqual(['Hello @bob', 'Hello']);
		expect([ada.complaints, bob.complaints, again.complaints]).toEqual([[], [], []]);
	});

	test('that was made just before its tab crashed has its key and its name all the same', async () => {
		const ada = await person(server, 'ada');
		await new Promise<void>((resolve) => {
			ada.meddler.lose = resolve;
			void ada.rooms.create({ access: 'private', title: 'Kitchen' });
		});
		ada.crash();
		const again = ada.tab();
		await online(again);
		await eventually(() =>
			expect(again.rooms.list).toMatchObject([{ hasKey: true, title: 'Kitchen', pending: 0 }])
		);
	});

	test('[O2] [O3] [O4] [G1] shows typing, what was seen, edits, removals and reactions to everybody', async () => {
		const [ada, bob] = [await person(server, 'ada'), await person(server, 'bob')];
		const { rooms } = await together(ada, bob);
		const [hers, his] = rooms;
		if (!hers || !his) throw new Error('nobody is there');
		await hers.send('Frist');
		await hers.send('Second');
		await shows(his, ['Frist', 'Second']);
		// a device that said nothing yet has nothing to sign a whisper with
		await his.send('Third');
		await shows(hers, ['Frist', 'Second', 'Third']);
		his.typed();
		await eventually(() => expect(hers.typing).toEqual(['bob']));
		const [first, second] = messages(hers);
		if (!first || !second) throw new Error('nothing was said');
		expect(first.delivery).toEqual({ kind: 'sent' });
		await his.markSeen(second.seq ?? 0);
		await eventually(() =>
			expect(messages(hers)[1]?.delivery).toEqual({ kind: 'seen', by: [bob.session.account] })
		);
		expect(bob.rooms.list[0]).toMatchObject({ unread: 0 });
		await hers.edit(first.ref, 'First');
		await hers.remove(second.ref);
		await his.react(first.ref, '👍');
		await eventually(() => {
			for (const room of rooms) {
				expect(texts(room)).toEqual(['First', 'Third']);
				expect(messages(room)[0]).toMatchObject({
					edited: true,
					reactions: [{ emoji: '👍', by: [bob.session.account] }]
				});
				expect(room.items.filter(({ kind }) => kind === 'removed')).toHaveLength(1);
			}
		});
		await his.react(first.ref, '👍');
		await eventually(() => expect(messages(hers)[0]?.reactions).toEqual([]));
		// nobody changes what somebody else said
		await his.edit(first.ref, 'Bob was here');
		await his.remove(first.ref);
		await his.send('Fourth');
		await shows(hers, ['First', 'Third', 'Fourth']);
	});

	test('works offline: what is said waits, is shown, and arrives in its order when the server is back', async () => {
		const [ada, bob] = [await person(server, 'ada', 20), await person(server, 'bob', 20)];
		const { id, rooms } = await together(ada, bob);
		const [hers, his] = rooms;
		if (!hers || !his) throw new Error('nobody is there');
		await server.order({ do: 'kill' });
		await eventually(() => expect(ada.rooms.state.kind).toBe('offline'));
		expect(await hers.send('One')).toBe(true);
		await hers.send('Tow');
		await eventually(() => expect(texts(hers)).toEqual(['One', 'Tow']));
		await hers.edit(messages(hers)[1]?.ref ?? { author: '', id: '' }, 'Two');
		await eventually(() => expect(texts(hers)).toEqual(['One', 'Two']));
		expect(messages(hers).map(({ delivery }) => delivery.kind)).toEqual(['pending', 'pending']);
		expect(ada.rooms.list[0]).toMatchObject({ pending: 3 });
		await his.send('Meanwhile');
		// the page goes, and what was said does not
		const next = ada.tab();
		ada.crash();
		await server.order({ do: 'start' });
		const room = show(next, id);
		await eventually(() => {
			for (const one of [room, his]) expect(texts(one).sort()).toEqual(['Meanwhile', 'One', 'Two']);
			expect(texts(room)).toEqual(texts(his));
			expect(messages(room).every(({ seq }) => seq !== null)).toBe(true);
		});
	});

	test('that is open is found by its name, its key comes from the server, and the same code runs', async () => {
		const [ada, bob] = [await person(server, 'ada'), await person(server, 'bob')];
		const id = await ada.rooms.create({ access: 'open', title: 'Garden' });
		const answer = await fetch(`${server.url}/api/v1/rooms/open`, {
			headers: { Authorization: `Bearer ${bob.session.token}` }
		});
		const { rooms } = (await answer.json()) as { rooms: { id: string; name: string; key: string }[] };
		expect(rooms).toMatchObject([{ id, name: 'Garden' }]);
		expect(await bob.rooms.joinOpen(rooms[0] ?? { id: '', name: '', key: '' })).toBe(id);
		const [hers, his] = [show(ada, id), show(bob, id)];
		await hers.send('Welcome');
		await shows(his, ['Welcome']);
		expect(his.title).toBe('Garden');
	});
});

describe('keys', () => {
	test('a removed member reads nothing new, and those who stay go on under a new key', async () => {
		const [ada, bob, eve] = [
			await person(server, 'ada'),
			await person(server, 'bob'),
			await person(server, 'eve')
		];
		const { id, rooms } = await together(ada, bob, eve);
		const [hers, his, eves] = rooms;
		if (!hers || !his || !eves) throw new Error('nobody is there');
		for (const [index, room] of rooms.entries()) await room.send(`I am ${index}`);
		for (const room of rooms) await eventually(() => expect(texts(room)).toHaveLength(3));
		const before = await hers.safetyNumber();
		expect(await his.safetyNumber()).toBe(before);
		expect(await hers.removeMember(eve.session.account)).toBe(true);
		await eventually(() => expect(eves.state).toEqual({ kind: 'ended', why: 'removed' }));
		await eventually(() => {
			const notices = his.items.flatMap((item) => (item.kind === 'notice' ? [item.notice] : []));
			expect(notices.at(-1)).toEqual({ kind: 'key-changed', name: 'ada', removed: ['eve'] });
		});
		await his.send('Eve does not read this');
		await eventually(() => expect(texts(hers)).toContain('Eve does not read this'));
		expect(texts(eves)).toHaveLength(3);
		const after = await hers.safetyNumber();
		expect(after).not.toBe(before);
		expect(await his.safetyNumber()).toBe(after);
		// her keys open nothing of what was said since, even with all that the server has
		const store = await eve.history.rooms(eve.session.account);
		expect((await store.keys(id)).map(({ epoch }) => epoch)).toEqual([0]);
		// somebody new reads the room from its beginning
		const dan = await person(server, 'dan');
		const link = await hers.invite();
		expect(await dan.rooms.join(link?.url ?? '')).toBe(id);
		const room = show(dan, id);
		await shows(room, texts(hers));
		expect(room.items.filter(({ kind }) => kind === 'unreadable' || kind === 'refused')).toEqual([]);
	});

	test('what was under way while the key changed is said again under the new one, once', async () => {
		const [ada, bob, eve] = [
			await person(server, 'ada', 20),
			await person(server, 'bob', 20),
			await person(server, 'eve', 20)
		];
		const { rooms } = await together(ada, bob, eve);
		const [hers, his] = rooms;
		if (!hers || !his) throw new Error('nobody is there');
		await his.send('Before');
		await shows(hers, ['Before']);
		// bob does not hear of it, so that he seals under the key that is being replaced
		bob.meddler.hear = (message) => (message.includes('"t":"events"') ? null : message);
		await hers.removeMember(eve.session.account);
		await eventually(() =>
			expect(hers.items.some((item) => item.kind === 'notice' && item.notice.kind === 'key-changed')).toBe(
				true
			)
		);
		bob.meddler.traffic.length = 0;
		await his.send('Under way');
		await eventually(() => expect(bob.meddler.traffic.some((said) => said.includes('"t":"ack"'))).toBe(true));
		delete bob.meddler.hear;
		await server.order({ do: 'cut' });
		await shows(hers, ['Before', 'Under way']);
		await shows(his, ['Before', 'Under way']);
		expect(hers.items.filter(({ kind }) => kind === 'refused')).toEqual([]);
	});

	test('a backup brings the keys to another device, which then reads it all', async () => {
		const [ada, bob] = [await person(server, 'ada'), await person(server, 'bob')];
		const { id, rooms } = await together(ada, bob);
		await rooms[0]?.send('For every device of mine');
		await shows(rooms[1] ?? show(ada, id), ['For every device of mine']);
		const laptop = device(server, await logIn(server, 'bob'));
		await online(laptop);
		const room = show(laptop, id);
		await eventually(() => expect(room.state).toEqual({ kind: 'no-key' }));
		const file = await bob.rooms.backUpKeys('a long passphrase');
		expect(await laptop.rooms.restoreKeys(file ?? new Blob(), 'another one')).toBeUndefined();
		expect(laptop.rooms.problem).toEqual({ kind: 'bad-backup', why: 'passphrase' });
		expect(await laptop.rooms.restoreKeys(new Blob(['no backup']), 'a long passphrase')).toBeUndefined();
		expect(laptop.rooms.problem).toEqual({ kind: 'bad-backup', why: 'malformed' });
		expect(await laptop.rooms.restoreKeys(file ?? new Blob(), 'a long passphrase')).toBe(1);
		await shows(room, ['For every device of mine']);
		await room.send('From the laptop');
		const hers = rooms[0];
		if (!hers) throw new Error('nobody is there');
		await shows(hers, ['For every device of mine', 'From the laptop']);
		expect(hers.members.find(({ name }) => name === 'bob')?.devices).toBe(2);
	});

	test('a link that is cut or mistyped is refused by what is wrong with it', async () => {
		const ada = await person(server, 'ada');
		const { rooms } = await together(ada);
		const { url = '' } = (await rooms[0]?.invite()) ?? {};
		const wrong = [
			['https://alcove.example/', 'not-a-link'],
			[url.slice(0, -60), 'malformed'],
			[url.replace('#A', '#B'), 'version'],
			[`${url.slice(0, 60)}${url[60] === 'x' ? 'y' : 'x'}${url.slice(61)}`, 'malformed']
		];
		for (const [link = '', why] of wrong) {
			expect(await ada.rooms.join(link)).toBeUndefined();
			expect(ada.rooms.problem).toEqual({ kind: 'bad-link', why });
		}
	});
});
