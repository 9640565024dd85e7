import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Judge, NO_BOOK } from '#lib/room/judge.ts';
import { depart } from '#lib/room/outgoing.ts';
import { writeOps, writeSignal, type Op } from '#lib/room/payload.ts';
import type { Wish } from '#lib/room/outgoing.ts';
import { fromBase64url, toBase64url, utf8 } from '#lib/seal/bytes.ts';
import { newDevice, type Device } from '#lib/seal/device.ts';
import { deriveEpochKey, newRoomSecret, secureRandom, type RoomSecret } from '#lib/seal/keys.ts';
import { NO_LINK, seal, type Link, type Place } from '#lib/seal/seal.ts';
import type { WireEvent } from '#lib/wire/frames.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

const newId = () => toBase64url(secureRandom(16));

/** The log of a room, and those who read it. */
class Hall {
	readonly room = newId();
	readonly first: RoomSecret = newRoomSecret(0);
	readonly log: WireEvent[] = [];

	async enter(name: string, { access = 'private' as 'private' | 'open', secrets = [this.first] } = {}) {
		const device = await newDevice();
		const judge = await Judge.of({ room: this.room, access, device }, NO_BOOK, secrets);
		return new Guest(this, name, device, judge, [...secrets]);
	}

	post(from: string, id: string, body: string): WireEvent {
		const event = { seq: this.log.length + 1, id, from, at: 1_000 + this.log.length, body };
		this.log.push(event);
		return event;
	}
}

class Guest {
	readonly account = newId();
	readonly hall: Hall;
	readonly name: string;
	readonly device: Device;
	readonly judge: Judge;
	readonly secrets: RoomSecret[];
	#read = 0;

	constructor(hall: Hall, name: string, device: Device, judge: Judge, secrets: RoomSecret[]) {
		this.hall = hall;
		this.name = name;
		this.device = device;
		this.judge = judge;
		this.secrets = secrets;
	}

	/** Judges what is new in the log. */
	async read() {
		const judged = await this.judge.judge(this.hall.log.slice(this.#read));
		this.#read = this.hall.log.length;
		this.secrets.push(...this.judge.learned.splice(0));
		return judged.map(({ verdict, gap }) => ({ gap, ...verdict }));
	}

	/** Seals wishes as the client does, without posting them. */
	async seal(...wishes: Wish[]): Promise<{ id: string; body: string }> {
		const { account, name, device, secrets, hall } = this;
		const waiting = wishes.map((op, n) => ({ account, room: hall.room, n, at: 0, op }));
		const desk = { account, room: hall.room, name, device, secrets, random: secureRandom };
		const { flight } = await depart(this.judge, waiting, desk);
		if (!flight) throw new Error('nothing to say');
		return flight;
	}

	async say(...wishes: Wish[]): Promise<WireEvent> {
		await this.read();
		const { id, body } = await this.seal(...wishes);
		const event = this.hall.post(this.account, id, body);
		await this.read();
		return event;
	}
}

const message = (text: string): Op => ({ t: 'message', id: newId(), text, reply: null, mentions: [] });

let hall: Hall;
let ada: Guest;
let bob: Guest;

beforeEach(async () => {
	hall = new Hall();
	ada = await hall.enter('ada');
	bob = await hall.enter('bob');
});

describe('what is what its author sealed for this place', () => {
	test('[D1] is read, and a device introduces itself once', async () => {
		await ada.say(message('One'));
		await ada.say(message('Two'));
		expect(await bob.read()).toMatchObject([
			{
				kind: 'ops',
				intro: 'joined',
				gap: 0,
				ops: [
					{ t: 'device', name: 'ada' },
					{ t: 'message', text: 'One' }
				]
			},
			{ kind: 'ops', intro: null, ops: [{ t: 'message', text: 'Two' }] }
		]);
		expect(bob.judge.book).toEqual(ada.judge.book);
	});

	test('[P3] a log gives the same book in one piece and in many', async () => {
		await ada.say(message('One'));
		await bob.say(message('Two'));
		await ada.say(message('Three'));
		const late = await hall.enter('late');
		await late.read();
		expect(late.judge.book).toEqual(ada.judge.book);
	});
});

describe('what is opened before its turn', () => {
	test('[P3] is judged like what was not', async () => {
		await ada.say(message('One'));
		const { id, body } = await ada.seal(message('Mine'));
		hall.post(bob.account, id, body);
		await ada.say(message('Two'));
		const late = await hall.enter('late');
		late.judge.prepare(hall.log);
		expect(await late.read()).toEqual(await bob.read());
		expect(late.judge.book).toEqual(bob.judge.book);
	});

	test('[P3] is read with a key that came after it', async () => {
		const secrets: RoomSecret[] = [];
		const late = await hall.enter('late', { secrets });
		const event = await ada.say(message('One'));
		late.judge.prepare([event]);
		expect((await hall.enter('other', { secrets }).then((other) => other.read()))[0]?.kind).toBe(
			'unreadable'
		);
		await late.judge.learn(hall.first);
		expect(await late.read()).toMatchObject([{ kind: 'ops', intro: 'joined' }]);
	});
});

describe('what is not, is refused', () => {
	const refused = (why: string) => ({ kind: 'refused', why });

	test('a forged author, and an envelope moved to another id or room', async () => {
		const { id, body } = await ada.seal(message('Mine'));
		hall.post(bob.account, id, body);
		hall.post(ada.account, newId(), body);
		expect(await bob.read()).toMatchObject([refused('forged'), refused('forged')]);
		const elsewhere = new Hall();
		elsewhere.post(ada.account, id, body);
		const eve = await elsewhere.enter('eve', { secrets: [hall.first] });
		expect(await eve.read()).toMatchObject([refused('forged')]);
	});

	test('altered and truncated ones, at every byte', async () => {
		const { id, body } = await ada.seal(message('Mine'));
		const bytes = fromBase64url(body) ?? new Uint8Array();
		for (let at = 1; at < bytes.length; at += 7) {
			const altered = bytes.slice();
			altered[at] = (altered[at] ?? 0) ^ 1;
			hall.post(ada.account, id, toBase64url(altered));
			hall.post(ada.account, id, toBase64url(bytes.slice(0, at)));
		}
		for (const verdict of await bob.read()) expect(verdict.kind).toBe('refused');
		expect(bob.judge.book).toEqual(NO_BOOK);
	});

	test('a replayed one, and ones that come in another order', async () => {
		const one = await ada.say(message('One'));
		hall.post(one.from, one.id, one.body);
		expect(await bob.read()).toMatchObject([{ kind: 'ops' }, refused('replayed')]);
		await ada.read();
		const two = await ada.say(message('Two'));
		const three = await ada.say(message('Three'));
		const swapped = new Hall();
		Object.assign(swapped, { room: hall.room });
		for (const { from, id, body } of [one, three, two]) swapped.post(from, id, body);
		const eve = await swapped.enter('eve', { secrets: [hall.first] });
		expect(await eve.read()).toMatchObject([
			{ kind: 'ops', gap: 0 },
			{ kind: 'ops', gap: 1 },
			refused('replayed')
		]);
	});

	test('one that was withheld shows as a gap before the next', async () => {
		await ada.say(message('One'));
		for (const text of ['Two', 'Three']) {
			await ada.say(message(text));
			hall.log.pop();
			// the author's own device has seen them: only the others are shown less
		}
		await ada.say(message('Four'));
		const log = hall.log.map((event, index) => ({ ...event, seq: index + 1 }));
		hall.log.splice(0, hall.log.length, ...log);
		expect(await bob.read()).toMatchObject([{ gap: 0 }, { kind: 'ops', gap: 2 }]);
	});

	test('a device that never introduced itself, and one of somebody else', async () => {
		const key = await deriveEpochKey(hall.room, hall.first);
		const device = await newDevice();
		const post = async (author: string, ops: Op[], before: Link) => {
			const place: Place = { kind: 'event', room: hall.room, author, id: newId() };
			const sealed = await seal(writeOps(ops), place, key, device, before);
			hall.post(author, place.id, toBase64url(sealed.envelope));
			return sealed.link;
		};
		await post(ada.account, [message('Who am I?')], NO_LINK);
		expect(await bob.read()).toMatchObject([refused('forged')]);
		const introduction: Op = { t: 'device', agreement: toBase64url(device.agreement), name: 'ada' };
		const other = new Hall();
		Object.assign(other, { room: hall.room, first: hall.first });
		hall = other;
		const eve = await hall.enter('eve');
		const link = await post(ada.account, [introduction], NO_LINK);
		await post(bob.account, [message('I am bob')], link);
		expect(await eve.read()).toMatchObject([{ kind: 'ops', intro: 'joined' }, refused('forged')]);
	});

	test('a payload that is none, and one of a later version', async () => {
		const key = await deriveEpochKey(hall.room, hall.first);
		let before = NO_LINK;
		for (const bytes of [utf8('{"v":1'), utf8('{"v":2}')]) {
			const place: Place = { kind: 'event', room: hall.room, author: ada.account, id: newId() };
			const sealed = await seal(bytes, place, key, ada.device, before);
			before = sealed.link;
			hall.post(ada.account, place.id, toBase64url(sealed.envelope));
		}
		expect(await bob.read()).toMatchObject([refused('malformed'), { kind: 'unknown', gap: 0 }]);
	});

	test('one whose author deleted the account is empty, not forged', async () => {
		await ada.say(message('One'));
		const [event] = hall.log;
		if (event) event.body = '';
		expect(await bob.read()).toMatchObject([{ kind: 'erased' }]);
	});
});

describe('the key', () => {
	const rekey = (...gone: Guest[]): Wish => ({
		t: 'rekey',
		gone: gone.map(({ account }) => account),
		epoch: 0
	});

	test('[D2] [D3] changes for those who stay, and not for who is left out', async () => {
		const eve = await hall.enter('eve');
		for (const one of [ada, bob, eve]) await one.say(message(`I am ${one.name}`));
		for (const one of [bob, eve]) await one.read();
		await ada.say(rekey(eve));
		await ada.say(message('Only for us'));
		expect(await bob.read()).toMatchObject([
			{ kind: 'ops', turned: true },
			{ kind: 'ops', ops: [{ t: 'device' }, { t: 'message', text: 'Only for us' }] }
		]);
		const hers = await eve.read();
		expect(hers.at(-1)).toMatchObject({ kind: 'unreadable' });
		expect(eve.judge.key).toBeUndefined();
		expect(eve.secrets.map(({ epoch }) => epoch)).toEqual([0]);
	});

	test('[D4] an envelope of the old key is without effect; of one who was left out it is refused', async () => {
		const eve = await hall.enter('eve');
		for (const one of [ada, bob, eve]) await one.say(message(`I am ${one.name}`));
		for (const one of [ada, bob, eve]) await one.read();
		const [his, hers] = [await bob.seal(message('Late')), await eve.seal(message('Still here'))];
		await ada.say(rekey(eve));
		hall.post(bob.account, his.id, his.body);
		hall.post(eve.account, hers.id, hers.body);
		expect((await ada.read()).slice(-2)).toMatchObject([
			{ kind: 'stale' },
			{ kind: 'refused', why: 'stale' }
		]);
		await bob.say(message('Late'));
		expect((await ada.read()).at(-1)).toMatchObject({ kind: 'ops', gap: 0 });
	});

	test('[D2] of two changes for one epoch the first holds, and the second is not made again', async () => {
		const eve = await hall.enter('eve');
		for (const one of [ada, bob, eve]) await one.say(message(`I am ${one.name}`));
		for (const one of [ada, bob]) await one.read();
		const [hers, his] = [await ada.seal(rekey(eve)), await bob.seal(rekey(eve))];
		hall.post(ada.account, hers.id, hers.body);
		hall.post(bob.account, his.id, his.body);
		expect((await ada.read()).map(({ kind }) => kind).slice(-2)).toEqual(['ops', 'stale']);
		await bob.read();
		expect(bob.judge.book).toEqual(ada.judge.book);
		await expect(bob.seal(rekey(eve))).rejects.toThrow('nothing to say');
		expect(ada.judge.book.epoch).toBe(1);
	});

	test('[D5] the earlier ones are shared, so that who comes later reads the beginning', async () => {
		const eve = await hall.enter('eve');
		for (const one of [ada, bob, eve]) await one.say(message(`I am ${one.name}`));
		await ada.read();
		await ada.say(rekey(eve));
		await ada.say({ t: 'share' });
		const told = await bob.read();
		expect(told.at(-1)).toMatchObject({
			ops: [{ t: 'device' }, { t: 'past', secrets: [{ epoch: 0, secret: toBase64url(hall.first.secret) }] }]
		});
		const latest = ada.secrets.at(-1);
		const dan = await hall.enter('dan', { secrets: latest ? [latest] : [] });
		expect((await dan.read()).map(({ kind }) => kind)).toEqual([
			...Array<string>(4).fill('unreadable'),
			'ops'
		]);
		expect(dan.judge.book.epoch).toBe(1);
	});

	test('[D3] of a link is enough to speak, also when nobody has spoken under it yet', async () => {
		const eve = await hall.enter('eve');
		for (const one of [ada, eve]) await one.say(message(`I am ${one.name}`));
		await ada.read();
		await ada.say(rekey(eve));
		const latest = ada.secrets.at(-1);
		const dan = await hall.enter('dan', { secrets: latest ? [latest] : [] });
		await dan.say(message('I am dan'));
		expect(await ada.read()).toMatchObject([
			{ kind: 'ops', intro: 'joined', ops: [{}, { text: 'I am dan' }] }
		]);
		expect(dan.judge.book.epoch).toBe(1);
	});

	test('[D6] of an open room is never changed', async () => {
		await ada.say(message('I am ada'));
		await bob.say(message('I am bob'));
		await ada.read();
		const { id, body } = await ada.seal(rekey(bob));
		hall.post(ada.account, id, body);
		const eve = await hall.enter('eve', { access: 'open' });
		expect((await eve.read()).at(-1)).toMatchObject({ kind: 'refused', why: 'malformed' });
		expect(eve.judge.book.epoch).toBe(0);
	});
});

test('[A1] nobody speaks for the model', async () => {
	const { id, body } = await ada.seal(message('I am the model'));
	hall.post('A'.repeat(22), id, body);
	expect(await bob.read()).toMatchObject([{ kind: 'refused', why: 'forged' }]);
});

describe('a whisper', () => {
	test('[G2] counts from a device that has introduced itself, at its own place', async () => {
		const whisper = async (guest: Guest, id: string) => {
			const place: Place = { kind: 'signal', room: hall.room, author: guest.account, id };
			const key = await deriveEpochKey(hall.room, hall.first);
			const bytes = writeSignal({ t: 'typing', on: true });
			return { place, body: toBase64url((await seal(bytes, place, key, guest.device, NO_LINK)).envelope) };
		};
		const early = await whisper(ada, 'connection.1');
		expect(await bob.judge.whisper(early.place, early.body)).toBeNull();
		await ada.say(message('I am ada'));
		await bob.read();
		expect(await bob.judge.whisper(early.place, early.body)).toEqual({
			bytes: writeSignal({ t: 'typing', on: true }),
			device: ada.judge.me
		});
		expect(await bob.judge.whisper({ ...early.place, id: 'connection.2' }, early.body)).toBeNull();
		expect(await bob.judge.whisper({ ...early.place, author: bob.account }, early.body)).toBeNull();
		expect(await bob.judge.whisper(early.place, 'AAAA')).toBeNull();
	});
});
