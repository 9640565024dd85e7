import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Signal, writeSignal } from '#lib/room/payload.ts';
import type { Room } from '#lib/room/room.svelte.ts';
import type { AnswerItem } from '#lib/room/words.ts';
import { toBase64url } from '#lib/seal/bytes.ts';
import { deriveEpochKey } from '#lib/seal/keys.ts';
import { NO_LINK, seal } from '#lib/seal/seal.ts';
import {
	closeAll,
	type Device,
	eventually,
	level,
	person,
	show,
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

const answers = (room: Room): AnswerItem[] => room.items.filter((item) => item.kind === 'answer');
const only = (room: Room): AnswerItem => {
	const [one, ...more] = answers(room);
	if (!one || more.length > 0) throw new Error(`${more.length + (one ? 1 : 0)} answers`);
	return one;
};
const written = (room: Room) => room.draft(only(room).ask)?.text ?? '';

/** Three people in a room; the first two have a model. Their timers run ten times as fast as the world's. */
async function company(): Promise<{
	devices: [Device, Device, Device];
	rooms: [Room, Room, Room];
	id: string;
}> {
	const devices: [Device, Device, Device] = [
		await person(server, 'ada', 10),
		await person(server, 'bob', 10),
		await person(server, 'eve', 10)
	];
	devices[0].engine.name = 'Ada’s model';
	devices[1].engine.name = 'Bob’s model';
	const { id, rooms } = await together(...devices);
	const [ada, bob, eve] = rooms;
	if (!ada || !bob || !eve) throw new Error('somebody is missing');
	return { devices, rooms: [ada, bob, eve], id };
}

const offers = (room: Room, models: string[]) =>
	eventually(() => expect(room.members.flatMap((member) => member.offers).sort()).toEqual(models));

/** Waits until a device's engine was given the answer. */
const takes = (device: Device) => eventually(() => expect(device.engine.jobs).toHaveLength(1));

/** What somebody's device could say if its person wrote its program. */
async function forgerOf({ history, session: { account }, meddler }: Device, room: string) {
	const store = await history.rooms(account);
	const [identity, [secret]] = [await store.identity(), await store.keys(room)];
	const connection = /"welcome".*?"connection":"([\w-]{22})"/.exec(meddler.traffic.join(''))?.[1] ?? '';
	if (!identity || !secret) throw new Error('there is no key');
	const key = await deriveEpochKey(room, secret);
	let n = 1_000;
	return {
		/** In the log, signed. */
		post: (op: unknown) => store.change(() => store.addToOutbox(room, op)),
		async whisper(signal: Signal): Promise<void> {
			n++;
			const place = { kind: 'signal', room, author: account, id: `${connection}.${n}` } as const;
			const { envelope } = await seal(writeSignal(signal), place, key, identity, NO_LINK);
			meddler.say(JSON.stringify([{ t: 'signal', room, n, body: toBase64url(envelope) }]));
		}
	};
}

describe('the model in a room', () => {
	test('waits as long as nobody offers one, sees who said what, and its answer is the same for all', async () => {
		const { devices, rooms, id } = await company();
		const [ada, bob, eve] = rooms;
		await bob.send('Secret');
		await bob.send('Frist');
		await eventually(() => expect(texts(eve)).toEqual(['Secret', 'Frist']));
		const [secret, first] = bob.items.flatMap((item) => (item.kind === 'message' ? [item.ref] : []));
		if (!secret || !first) throw new Error('nothing was said');
		await bob.remove(secret);
		await bob.edit(first, 'First');
		await eve.send('@AI which was first?');
		await eventually(() => expect(only(ada).standing.kind).toBe('waiting'));
		expect(ada.isOffered).toBe(false);
		await ada.offer();
		await takes(devices[0]);
		expect(devices[0].engine.jobs[0]?.talk).toEqual([
			{ name: 'bob', text: 'First' },
			{ name: 'eve', text: '@AI which was first?' }
		]);
		devices[0].engine.write('It was');
		for (const room of rooms) await eventually(() => expect(written(room)).toBe('It was'));
		expect(only(eve)).toMatchObject({ mayStop: true, standing: { kind: 'writing', host: { name: 'ada' } } });
		expect(only(bob).mayStop).toBe(false);
		await devices[0].engine.end('It was "First".');
		for (const room of rooms)
			await eventually(() =>
				expect(only(room)).toMatchObject({
					text: 'It was "First".',
					standing: { kind: 'over', host: { name: 'ada' }, made: { model: 'Ada’s model', ending: 'end' } }
				})
			);
		// it is read again from the log, and may be answered and reacted to
		await eve.react(only(eve).ref, '👍');
		await bob.send('Indeed', only(bob).ref);
		await eventually(() => expect(only(ada).reactions).toMatchObject([{ emoji: '👍' }]));
		const again = devices[2].tab();
		devices[2].rooms.close();
		const room = show(again, id);
		await level(room);
		expect(only(room)).toMatchObject({ text: 'It was "First".', reactions: [{ emoji: '👍' }] });
		expect(room.items.at(-1)).toMatchObject({ reply: { name: null, text: 'It was "First".' } });
		expect(devices.flatMap(({ complaints }) => complaints)).toEqual([]);
	});

	test('is taken on by one of two hosts that race, and answered once', async () => {
		const { devices, rooms } = await company();
		const [ada, bob, eve] = rooms;
		await ada.offer();
		await bob.offer();
		await offers(eve, ['Ada’s model', 'Bob’s model']);
		for (let round = 0; round < 5; round++) {
			await eve.send(`@AI round ${round}`);
			const hosts = devices.slice(0, 2);
			await eventually(() => expect(hosts.flatMap(({ engine }) => engine.jobs)).toHaveLength(1));
			const host = hosts.find(({ engine }) => engine.jobs.length > 0);
			await host?.engine.end(`Round ${round}`);
			for (const room of rooms)
				await eventually(() => {
					expect(answers(room)).toHaveLength(round + 1);
					expect(answers(room)[round]).toMatchObject({ text: `Round ${round}`, standing: { kind: 'over' } });
				});
		}
		// nobody works at it any more
		for (const { engine } of devices) await eventually(() => expect(engine.jobs).toEqual([]));
	});

	test('goes on elsewhere from the longest text that was seen when its host dies, and the dead one’s word is too late', async () => {
		const { devices, rooms, id } = await company();
		const [ada, bob, eve] = rooms;
		await ada.offer();
		await eve.send('@AI tell a story');
		await takes(devices[0]);
		await bob.offer();
		await offers(eve, ['Ada’s model', 'Bob’s model']);
		devices[0].engine.write('Once upon a ti');
		for (const room of [bob, eve]) await eventually(() => expect(written(room)).toBe('Once upon a ti'));
		const late = devices[0].tab();
		devices[0].crash();
		await takes(devices[1]);
		expect(devices[1].engine.jobs[0]).toMatchObject({ text: 'Once upon a ti' });
		expect(only(eve).standing).toMatchObject({ kind: 'writing', host: { name: 'bob' } });
		devices[1].engine.write('Once upon a time');
		await eventually(() => expect(written(eve)).toBe('Once upon a time'));
		// the dead host's page comes back in the midst of it, and finds that it has nothing to do
		const back = show(late, id);
		await level(back);
		await eventually(() => expect(written(back)).toBe('Once upon a time'));
		expect(late.engine.jobs).toEqual([]);
		await devices[1].engine.end('Once upon a time.');
		for (const room of [bob, eve, back])
			await eventually(() =>
				expect(only(room)).toMatchObject({
					text: 'Once upon a time.',
					standing: { kind: 'over', host: { name: 'bob' } }
				})
			);
	});

	test('whose host dies and comes back alone goes on there', async () => {
		const { devices, rooms } = await company();
		const [ada, , eve] = rooms;
		await ada.offer();
		await eve.send('@AI tell a story');
		await takes(devices[0]);
		const back = devices[0].tab();
		devices[0].crash();
		back.engine.name = 'Ada’s model';
		await takes(back);
		await back.engine.end('The end');
		await eventually(() => expect(only(eve)).toMatchObject({ text: 'The end', standing: { kind: 'over' } }));
	});

	test('is stopped by who asked, with what there is; without a host it is over at once', async () => {
		const { devices, rooms } = await company();
		const [ada, bob, eve] = rooms;
		await eve.send('@AI nobody is here');
		await eventually(() => expect(only(eve).mayStop).toBe(true));
		await eve.stop(only(eve).ask);
		for (const room of rooms) await eventually(() => expect(only(room).standing.kind).toBe('none'));
		await ada.offer();
		await eve.send('@AI tell a story');
		await takes(devices[0]);
		devices[0].engine.write('Once');
		await eventually(() => expect(eve.draft(answers(eve)[1]?.ask ?? '')?.text).toBe('Once'));
		// somebody else cannot
		await bob.stop(answers(bob)[1]?.ask ?? '');
		await bob.send('I tried');
		await eventually(() => expect(texts(eve)).toContain('I tried'));
		expect(devices[0].engine.jobs[0]?.stop).toBe(false);
		await eve.stop(answers(eve)[1]?.ask ?? '');
		await eventually(() => expect(devices[0].engine.jobs[0]?.stop).toBe(true));
		await devices[0].engine.end('Once', 'stopped');
		for (const room of rooms)
			await eventually(() =>
				expect(answers(room)[1]).toMatchObject({
					text: 'Once',
					standing: { kind: 'over', made: { ending: 'stopped' } }
				})
			);
	});

	test('answers every message where an owner wants it, and a member’s wish for that is nothing', async () => {
		const { rooms } = await company();
		const [ada, bob, eve] = rooms;
		await bob.answerEvery(true);
		await bob.send('One');
		await eventually(() => expect(texts(eve)).toEqual(['One']));
		await eve.send('Two');
		await eventually(() => expect(texts(ada)).toEqual(['One', 'Two']));
		expect(answers(ada)).toEqual([]);
		await ada.answerEvery(true);
		await eventually(() => expect(eve.answersEvery).toBe(true));
		await eve.send('Three');
		await eventually(() => expect(answers(ada)).toHaveLength(1));
	});

	test('[A2] is asked by a message’s own author, once, and for 32 messages at a time', async () => {
		const { devices, rooms, id } = await company();
		const [ada, bob, eve] = rooms;
		await bob.send('I ask nobody');
		await eventually(() => expect(texts(eve)).toEqual(['I ask nobody']));
		const [mute] = eve.items.flatMap((item) => (item.kind === 'message' ? [item.ref.id] : []));
		const forger = await forgerOf(devices[2], id);
		await forger.post({ t: 'ask', id: mute });
		await forger.post({ t: 'ask', id: 'N'.repeat(22) });
		for (let count = 0; count < 33; count++) await eve.send(`@AI ${count}`);
		for (const room of [ada, bob])
			await eventually(() => {
				// further up than one page shows
				room.loadOlder();
				expect(answers(room)).toHaveLength(33);
			});
		expect(answers(ada).map(({ standing }) => standing.kind)).toEqual([
			'none',
			...Array.from({ length: 32 }, () => 'waiting')
		]);
		await forger.post({ t: 'ask', id: answers(eve).at(-1)?.ask });
		await bob.send('Enough');
		await eventually(() => expect(texts(ada)).toContain('Enough'));
		expect(answers(ada)).toHaveLength(33);
	});

	test('[A4] [A5] [G3] forged and flooded pieces change nothing, and no piece is kept', async () => {
		const { devices, rooms, id } = await company();
		const [ada, bob, eve] = rooms;
		await ada.offer();
		await eve.send('@AI tell a story');
		await takes(devices[0]);
		devices[0].engine.write('Once');
		await eventually(() => expect(written(bob)).toBe('Once'));
		const before = devices[1].meddler.traffic.length;
		// eve's device says pieces of an answer that is not hers, as fast as it can
		const claim = devices[0].engine.jobs[0]?.id ?? '';
		const forger = await forgerOf(devices[2], id);
		for (let index = 0; index < 500; index++)
			await forger.whisper({ t: 'draft', claim, offset: 0, text: `Forged ${index}` });
		const ask = only(eve).ask;
		const made = { model: 'm', engine: 'e', settings: null, ending: 'end', failure: null };
		await forger.post({ t: 'answer', ask, claim, text: 'Forged', made });
		// without an offer she cannot take it over
		await forger.post({ t: 'claim', id: 'F'.repeat(22), ask, over: claim });
		await forger.post({ t: 'answer', ask, claim: 'F'.repeat(22), text: 'Forged', made });
		await eve.send('There');
		await eventually(() => expect(texts(bob)).toContain('There'));
		devices[0].engine.write('Once upon a time');
		await eventually(() => expect(written(bob)).toBe('Once upon a time'));
		const heard = devices[1].meddler.traffic.slice(before).join('');
		// they were heard, as far as the server let them through
		expect(heard.split(devices[2].session.account).length).toBeGreaterThan(10);
		await devices[0].engine.end('Once upon a time.');
		for (const room of rooms) await eventually(() => expect(only(room).text).toBe('Once upon a time.'));
		// what a page that comes later gets is the log: there is no piece in it
		const later = devices[1].tab();
		devices[1].rooms.close();
		const room = show(later, id);
		await level(room);
		expect(only(room).text).toBe('Once upon a time.');
		expect(later.meddler.traffic.join('')).not.toContain('"t":"signal"');
	});
});
