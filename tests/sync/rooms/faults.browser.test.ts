import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Room } from '#lib/room/room.svelte.ts';
import type { ServerFrame, WireEvent } from '#lib/wire/frames.ts';
import { parseServerMessage } from '#lib/wire/parse.ts';
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
	together,
	type Device
} from '../../support/rooms-client.ts';
import { FastClock } from '../../support/fast-clock.ts';
import { takeSyncServer, type SyncServer } from '../../support/sync-host-client.ts';
import { Seeded } from '../support/seeded.ts';

/** Repeats a run: the choices of a test come from it alone. */
const SEED = 20_261_124;
const HASTE = 20;
const HOUR_HASTE = 60;

let server: SyncServer;

beforeEach(async () => {
	server = await takeSyncServer();
});

afterEach(async () => {
	await closeAll();
	await server.order({ do: 'remove' });
});

/** What all have to come to: the same conversation, gap-free on the disk, each thing that was said once. */
async function oracle(
	scenario: string,
	runs: number,
	id: string,
	rooms: readonly Room[],
	said: readonly string[]
): Promise<void> {
	const [first] = rooms;
	if (!first) throw new Error('nobody is there');
	await eventually(() => {
		for (const room of rooms) {
			if (texts(room).length < said.length) room.loadOlder();
			expect(texts(room)).toHaveLength(said.length);
			expect(messages(room).filter(({ seq }) => seq === null)).toHaveLength(0);
		}
	}, 180_000);
	expect([...texts(first)].sort()).toEqual([...said].sort());
	for (const room of rooms) {
		expect(texts(room)).toEqual(texts(first));
		expect(room.items.filter(({ kind }) => kind !== 'message' && kind !== 'notice')).toEqual([]);
		const gaps = room.items.filter((item) => item.kind === 'notice' && item.notice.kind === 'gap');
		expect(gaps).toEqual([]);
	}
	const stored = await server.events(id);
	const shown = new Set(texts(first));
	const verdict = {
		lost: said.filter((text) => !shown.has(text)).length,
		doubled: stored.length - new Set(stored.map(({ from, id: name }) => `${from} ${name}`)).size,
		disordered: stored.filter(({ seq }, index) => seq !== index + 1).length
	};
	await server.order({ do: 'note', scenario, runs, acknowledged: said.length, ...verdict });
	expect(verdict).toEqual({ lost: 0, doubled: 0, disordered: 0 });
}

describe('whatever the server and the network do', () => {
	test(`killed again and again while all write, nothing is lost, doubled or out of order (seed ${SEED})`, async () => {
		const choices = new Seeded(SEED);
		const people = [await person(server, 'ada', HASTE), await person(server, 'bob', HASTE)] as const;
		const { id, rooms } = await together(...people);
		const said: string[] = [];
		const KILLS = 10;
		for (let kills = 0; kills < KILLS; kills++) {
			const enough = choices.whole(1, 30);
			for (let count = 0; count < 30; count++) {
				const text = `${kills}.${count}`;
				said.push(text);
				expect(await choices.pick(rooms).send(text)).toBe(true);
				if (count === enough) await server.order({ do: 'kill' });
			}
			await server.order({ do: 'start' });
			await online(people[0]);
		}
		await oracle('kill -9, whole clients in the browser', KILLS, id, rooms, said);
		for (const { complaints } of people) expect(complaints).toEqual([]);
	}, 300_000);

	test(`a network that flaps, and 1,000 things that waited, come to the same (seed ${SEED})`, async () => {
		const people = [await person(server, 'ada', HASTE), await person(server, 'bob', HASTE)] as const;
		const { id, rooms } = await together(...people);
		const [hers, his] = rooms;
		if (!hers || !his) throw new Error('nobody is there');
		await server.order({ do: 'weather', weather: 'down' });
		await eventually(() => expect(people[0].rooms.state.kind).toBe('offline'));
		const said: string[] = [];
		for (let count = 0; count < 1_000; count++) {
			said.push(`waited ${count}`);
			await hers.send(`waited ${count}`);
		}
		await server.order({ do: 'flap', seed: SEED });
		for (let count = 0; count < 100; count++) {
			said.push(`meanwhile ${count}`);
			await his.send(`meanwhile ${count}`);
			if (count % 10 === 0) await eventually(() => expect(messages(his).at(-1)?.text).toBeDefined());
		}
		await eventually(() => expect(people[1].rooms.list[0]?.pending).toBe(0), 180_000);
		await server.order({ do: 'settle' });
		await oracle('1,000 things that waited, flapping network', 1, id, rooms, said);
		const waited = texts(his).filter((text) => text.startsWith('waited'));
		expect(waited).toEqual(said.slice(0, 1_000));
	}, 420_000);

	/**
	 * The hour is one of the clients: their clock, and the network's weather, run sixty times faster than the world, so
	 * that each of their waits and watchdogs has its turn as in an hour. The server is a process in the world's time.
	 */
	test(`an hour of a network that flaps, with five who write, comes to one conversation (seed ${SEED})`, async () => {
		const choices = new Seeded(SEED);
		const clock = new FastClock(HASTE);
		const people: Device[] = [];
		for (const name of ['ada', 'bob', 'eve', 'dan', 'kim']) people.push(await person(server, name, clock));
		const [ada, ...others] = people;
		if (!ada) throw new Error('nobody is there');
		const { id, rooms } = await together(ada, ...others);
		clock.haste = HOUR_HASTE;
		await server.order({ do: 'flap', seed: SEED, haste: HOUR_HASTE });
		const said: string[] = [];
		const end = clock.now() + 3_600_000;
		while (clock.now() < end) {
			said.push(`${said.length}`);
			expect(await choices.pick(rooms).send(`${said.length - 1}`)).toBe(true);
			await new Promise<void>((resolve) => clock.after(choices.whole(1_000, 19_000), resolve));
		}
		await server.order({ do: 'settle' });
		clock.haste = HASTE;
		await oracle('an hour of flapping, five whole clients', 1, id, rooms, said);
		for (const { complaints } of people) expect(complaints).toEqual([]);
	}, 420_000);
});

describe('two tabs', () => {
	test('send from one outbox, and when the leading one is killed in the middle the other goes on', async () => {
		const [ada, bob] = [await person(server, 'ada', HASTE), await person(server, 'bob', HASTE)];
		const { id, rooms } = await together(ada, bob);
		const second = ada.tab();
		const there = show(second, id);
		await level(there);
		const [hers, his] = rooms;
		if (!hers || !his) throw new Error('nobody is there');
		// one connection for both
		expect(second.meddler.traffic).toEqual([]);
		const said: string[] = [];
		for (let count = 0; count < 40; count++) {
			said.push(`${count}`);
			await (count % 2 === 0 && count < 20 ? hers : there).send(`${count}`);
			if (count === 20) ada.crash();
		}
		await oracle('two tabs, the leading one killed', 1, id, [there, his], said);
		expect(texts(there)).toEqual(said);
		expect(second.meddler.traffic.length).toBeGreaterThan(0);
		his.typed();
		await eventually(() => expect(there.typing).toEqual(['bob']));
	}, 120_000);
});

/** Lets a test change the events that somebody hears. */
function tamper(client: Device, change: (events: WireEvent[]) => WireEvent[]): void {
	client.meddler.hear = (message) => {
		const parsed = parseServerMessage(message);
		if (!parsed.ok) return message;
		const frames = parsed.frames.map((frame): ServerFrame => {
			return frame.t === 'events' ? { ...frame, events: change(frame.events) } : frame;
		});
		return JSON.stringify(frames);
	};
}

describe('a server that lies', () => {
	/** A room in which something was said, and a further device of one of its members that has the key, and nothing else. */
	async function scene() {
		const [ada, bob] = [await person(server, 'ada', HASTE), await person(server, 'bob', HASTE)];
		const { id, rooms } = await together(ada, bob);
		const [hers, his] = rooms;
		if (!hers || !his) throw new Error('nobody is there');
		for (const text of ['One', 'Two', 'Three']) {
			await hers.send(text);
			await eventually(() => expect(messages(his).at(-1)?.text).toBe(text));
		}
		const { url = '' } = (await hers.invite()) ?? {};
		const reader = device(server, await logIn(server, 'bob'), HASTE);
		await online(reader);
		const from = (await server.events(id)).filter((event) => event.from === ada.session.account);
		const enter = async () => {
			await reader.rooms.join(url);
			const room = show(reader, id);
			await level(room);
			return room;
		};
		const refused = (room: Room) => room.items.flatMap((item) => (item.kind === 'refused' ? [item.why] : []));
		return {
			ada,
			bob,
			reader,
			enter,
			refused,
			one: from.at(-3),
			two: from.at(-2),
			three: from.at(-1),
			his,
			hers,
			id
		};
	}

	test('and says that somebody else wrote something is refused', async () => {
		const { reader, bob, enter, refused, two } = await scene();
		tamper(reader, (events) =>
			events.map((event) => (event.id === two?.id ? { ...event, from: bob.session.account } : event))
		);
		const room = await enter();
		await eventually(() => expect(refused(room)).toEqual(['forged']));
		await eventually(() => expect(texts(room)).toEqual(['One', 'Three']));
	}, 60_000);

	test('and alters, cuts or swaps bodies is refused', async () => {
		const { reader, enter, refused, one, two, three } = await scene();
		tamper(reader, (events) =>
			events.map((event) => {
				if (event.id === one?.id)
					return { ...event, body: `${event.body.slice(0, 300)}${event.body.slice(304)}` };
				if (event.id === two?.id) return { ...event, body: three?.body ?? '' };
				return event;
			})
		);
		const room = await enter();
		await eventually(() => expect(refused(room)).toEqual(['malformed', 'forged']));
		await eventually(() => expect(texts(room)).toEqual(['Three']));
		const gap = room.items.find((item) => item.kind === 'notice' && item.notice.kind === 'gap');
		expect(gap).toMatchObject({ notice: { name: 'ada', count: 2 } });
	}, 60_000);

	test('and replays or reorders what was said is refused', async () => {
		const { reader, enter, refused, one, two, three } = await scene();
		tamper(reader, (events) =>
			events.map((event) => {
				if (event.id === two?.id) return { ...three, at: 1, seq: event.seq } as WireEvent;
				if (event.id === three?.id) return { ...one, at: 1, seq: event.seq } as WireEvent;
				return event;
			})
		);
		const room = await enter();
		await eventually(() => expect(refused(room)).toEqual(['replayed']));
		await eventually(() => expect(texts(room)).toEqual(['One', 'Three']));
	}, 60_000);

	test('and leaves a number out is asked again, and nothing is shown out of its order', async () => {
		const { reader, enter, two } = await scene();
		let lies = 2;
		tamper(reader, (events) => {
			if (!events.some(({ id }) => id === two?.id) || lies-- <= 0) return events;
			return events.filter(({ id }) => id !== two?.id);
		});
		const room = await enter();
		await eventually(() => expect(texts(room)).toEqual(['One', 'Two', 'Three']));
	}, 60_000);

	test('and has less than was seen is not trusted any more, until the person says so', async () => {
		const { bob, his, hers, id } = await scene();
		await eventually(() => expect(texts(his)).toHaveLength(3));
		bob.meddler.hear = (message) =>
			message.replaceAll(/\{"t":"level","room":"([^"]+)","seq":\d+\}/g, '{"t":"level","room":"$1","seq":1}');
		await server.order({ do: 'cut' });
		await eventually(() => expect(his.state).toMatchObject({ kind: 'rolled-back', server: 1 }));
		await his.send('Is anybody there?');
		await hers.send('Yes');
		await eventually(() =>
			expect(hers.items.at(-1)).toMatchObject({ text: 'Yes', delivery: { kind: 'sent' } })
		);
		expect((await server.events(id)).filter(({ from }) => from === bob.session.account)).toHaveLength(1);
		delete bob.meddler.hear;
		await his.resync();
		await server.order({ do: 'cut' });
		await shows(his, ['One', 'Two', 'Three', 'Yes', 'Is anybody there?']);
	}, 60_000);
});

test('nothing that was said, and no key, is readable in the file, the log or a frame of the server', async () => {
	const canary = 'the canary sings at midnight';
	const chinese = '金丝雀在午夜歌唱，没有人听见';
	const people = [await person(server, 'ada'), await person(server, 'bob')] as const;
	const { id, rooms } = await together(...people);
	const [hers, his] = rooms;
	if (!hers || !his) throw new Error('nobody is there');
	await hers.send(canary);
	await hers.rename('The canary club');
	await shows(his, [canary]);
	await his.send('x');
	await his.send(chinese, messages(his)[0]?.ref);
	await his.react(messages(his)[0]?.ref ?? { author: '', id: '' }, 'canary-emoji');
	await shows(hers, [canary, 'x', chinese]);
	his.typed();
	await eventually(() => expect(hers.typing).toEqual(['bob']));
	const keys = await (await people[0].history.rooms(people[0].session.account)).keys(id);
	const key = (await hers.invite())?.url.split('#')[1]?.split('.')[0] ?? '';
	const secrets = [canary, chinese, 'The canary club', 'canary-emoji', key, key.slice(8, 50)];
	expect(await server.search(secrets)).toEqual([]);
	// the search finds what is there
	expect(await server.search([id])).toEqual([id]);
	const traffic = people.flatMap(({ meddler }) => meddler.traffic).join('\n');
	for (const secret of [...secrets, btoa(canary).slice(4, -4), JSON.stringify(chinese).slice(1, -1)])
		expect(traffic).not.toContain(secret);
	expect(keys).toHaveLength(1);
	const exported: string[] = [];
	for await (const piece of (await people[0].history.transfer()).all()) exported.push(piece);
	for (const secret of [id, canary, key.slice(8, 50)]) expect(exported.join('')).not.toContain(secret);
}, 60_000);
