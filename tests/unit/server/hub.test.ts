import { afterEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '#lib/wire/frames.ts';
import { bodyOf, newId, Peer } from './support/peer.ts';
import { openSync, type SyncOptions } from './support/sync.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

const NOWHERE = 'n'.repeat(22);
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of open.splice(0)) await close();
});

async function start(options: SyncOptions = {}) {
	const sync = await openSync(options);
	open.push(sync.close);
	/** Puts events into the log as another process would: nobody here is told. */
	const fill = async (count: number, body = bodyOf('old'), room = sync.room) => {
		const from = sync.bob.account.id;
		await Promise.all(
			Array.from({ length: count }, () => sync.log.append({ room, from, id: newId(), body }))
		);
	};
	return { ...sync, fill };
}

const seqs = (peer: Peer, room: string) => peer.events(room).map(({ seq }) => seq);
const upTo = (last: number, first = 1) =>
	Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('durable events', () => {
	test('[S2] [S4] what is acknowledged is stored, and comes to all members, the author too', async () => {
		const { inside, log, ada, bob, room, clock } = await start();
		const [one, two] = [await inside(ada.token), await inside(bob.token)];
		const id = newId();
		one.say({ t: 'send', room, id, body: bodyOf('hello') });
		const ack = await one.next('ack');
		expect(ack).toEqual({ t: 'ack', room, id, seq: 1, at: clock.now() });
		const event = { seq: 1, id, from: ada.account.id, at: clock.now(), body: bodyOf('hello') };
		expect(await log.read(room, 0, { events: 9, chars: 999 })).toEqual([event]);
		await two.next('events');
		await one.until(() => one.events(room).length > 0);
		expect([one.events(room), two.events(room)]).toEqual([[event], [event]]);
	});

	test('[S3] the same event again, by another connection and long after, gets its first number and goes to nobody', async () => {
		const { inside, accounts, clock, ada, room } = await start();
		const one = await inside(ada.token);
		const event = { t: 'send', room, id: newId(), body: bodyOf('once') } as const;
		one.say(event, event);
		expect([(await one.next('ack')).seq, (await one.next('ack')).seq]).toEqual([1, 1]);
		await one.leave();
		clock.turn(100 * 24 * 3_600_000);
		const reader = await inside((await accounts.logIn('bob', 'password of bob', 'elsewhere')).token, 1);
		const later = await accounts.logIn('ada', 'password of ada', 'elsewhere');
		const two = await inside(later.token);
		two.say(event, { ...event, id: newId() });
		expect((await two.next('ack')).seq).toBe(1);
		expect((await two.next('ack')).seq).toBe(2);
		await reader.next('events');
		expect(seqs(reader, room)).toEqual([2]);
	});

	test('[S8] [S1] what several connections send is stored in the order of each, and seen by all in one order', async () => {
		const { inside, ada, bob, room } = await start();
		const [one, two, reader] = [await inside(ada.token), await inside(bob.token), await inside(ada.token)];
		const write = (peer: Peer, name: string) => {
			for (let index = 0; index < 200; index += 20) {
				const part = upTo(index + 19, index).map((n) => bodyOf(`${name}${String(n).padStart(4, '0')}`));
				peer.say(...part.map((body) => ({ t: 'send' as const, room, id: newId(), body })));
			}
		};
		write(one, 'one');
		write(two, 'two');
		await Promise.all([one, two, reader].map((peer) => peer.until(() => peer.events(room).length >= 400)));
		for (const peer of [one, two, reader]) {
			expect(seqs(peer, room)).toEqual(upTo(400));
			expect(peer.events(room)).toEqual(reader.events(room));
		}
		for (const sender of [ada, bob]) {
			const mine = reader.events(room).filter(({ from }) => from === sender.account.id);
			const texts = mine.map(({ body }) => Buffer.from(body, 'base64url').toString());
			expect(texts.length).toBe(200);
			expect(texts).toEqual([...texts].sort());
		}
	});

	test('[F5] what one turn brings comes as few messages', async () => {
		const { inside, ada, bob, room } = await start();
		const [one, reader] = [await inside(ada.token), await inside(bob.token)];
		const before = reader.messages;
		one.say(...upTo(60).map(() => ({ t: 'send' as const, room, id: newId(), body: bodyOf('x') })));
		await reader.until(() => reader.events(room).length >= 60);
		expect(reader.messages - before).toBeLessThanOrEqual(3);
	});

	test('[S5] an event that cannot be stored is refused with the time to wait, and can be sent again', async () => {
		const { inside, database, ada, room } = await start();
		const peer = await inside(ada.token);
		const event = { t: 'send', room, id: newId(), body: bodyOf('x') } as const;
		database.exec('BEGIN');
		peer.say(event);
		expect(await peer.next('nack')).toEqual({ t: 'nack', room, id: event.id, code: 'busy', wait: 1_000 });
		database.exec('ROLLBACK');
		peer.say(event);
		expect((await peer.next('ack')).seq).toBe(1);
	});

	test('[S5] [C5] a room that is not open here takes and gives nothing', async () => {
		const { inside, ada, room } = await start();
		const peer = await inside(ada.token);
		peer.say({ t: 'close', room });
		await peer.next('ended');
		peer.say({ t: 'send', room, id: newId(), body: bodyOf('x') }, { t: 'read', room, after: 0, limit: 9 });
		expect(await peer.next('nack')).toMatchObject({ code: 'unknown' });
		expect(await peer.next('ended')).toMatchObject({ code: 'unknown' });
	});

	test('[L3] beyond the rate of an account sends are refused and signals dropped', async () => {
		const limits = { sends: { burst: 2, every: 500 }, signals: { burst: 1, every: 500 } };
		const { inside, clock, ada, bob, room } = await start({ hub: limits });
		const [peer, reader] = [await inside(ada.token), await inside(bob.token)];
		const send = () => peer.say({ t: 'send', room, id: newId(), body: bodyOf('x') });
		for (let index = 0; index < 3; index++) send();
		expect(await peer.next('nack')).toMatchObject({ code: 'rate', wait: 500 });
		clock.turn(500);
		send();
		await peer.until(() => peer.of('ack').length === 3);
		for (let n = 1; n < 4; n++) peer.say({ t: 'signal', room, n, body: bodyOf('x') });
		await peer.level();
		await reader.level();
		expect(reader.of('signal').map(({ n }) => n)).toEqual([1]);
	});
});

describe('catching up', () => {
	test('[C1] [C2] all there is comes in pages, then "level", then what is new', async () => {
		const { inside, fill, ada, bob, room } = await start();
		await fill(1_000);
		const peer = await inside(ada.token);
		expect(seqs(peer, room)).toEqual(upTo(1_000));
		expect(peer.of('events').length).toBeGreaterThanOrEqual(4);
		expect(peer.of('level')).toEqual([{ t: 'level', room, seq: 1_000 }]);
		const other = await inside(bob.token, 998);
		other.say({ t: 'send', room, id: newId(), body: bodyOf('new') });
		await peer.until(() => peer.events(room).length > 1_000);
		await other.until(() => other.events(room).length === 3);
		expect(seqs(peer, room)).toEqual(upTo(1_001));
		expect(seqs(other, room)).toEqual([999, 1_000, 1_001]);
	});

	test('[C2] no gap and no double while others write at the same time', async () => {
		const { inside, fill, ada, bob, room } = await start();
		await fill(2_000);
		const writer = await inside(bob.token, 2_000);
		const readers = await Promise.all(
			upTo(5).map(async (index) => {
				for (let n = 0; n < 20; n++) writer.say({ t: 'send', room, id: newId(), body: bodyOf('x') });
				return inside(ada.token, index * 300);
			})
		);
		await Promise.all(readers.map((peer) => peer.until(() => peer.events(room).at(-1)?.seq === 2_100)));
		for (const [index, peer] of readers.entries())
			expect(seqs(peer, room)).toEqual(upTo(2_100, (index + 1) * 300 + 1));
	});

	test('[C2] a lost hint of the bus leaves no gap: the log fills it', async () => {
		const { inside, fill, ada, bob, room } = await start();
		const [peer, writer] = [await inside(ada.token), await inside(bob.token)];
		await fill(3);
		writer.say({ t: 'send', room, id: newId(), body: bodyOf('x') });
		await peer.until(() => peer.events(room).at(-1)?.seq === 4);
		await writer.until(() => writer.events(room).at(-1)?.seq === 4);
		expect([seqs(peer, room), seqs(writer, room)]).toEqual([upTo(4), upTo(4)]);
	});

	test('[C4] opening an open room starts again; a number beyond the head is answered with the head', async () => {
		const { inside, fill, ada, room } = await start();
		await fill(3);
		const peer = await inside(ada.token);
		peer.say({ t: 'open', room, after: 1 });
		await peer.next('level');
		expect(seqs(peer, room)).toEqual([1, 2, 3, 2, 3]);
		peer.say({ t: 'open', room, after: 99 });
		expect((await peer.next('level')).seq).toBe(3);
		peer.say({ t: 'send', room, id: newId(), body: bodyOf('x') });
		await peer.until(() => peer.events(room).at(-1)?.seq === 4);
		expect(peer.frames.filter(({ t }) => t === 'presence').length).toBe(0);
	});

	test('[C5] a page is read from anywhere and changes nothing', async () => {
		const { inside, fill, ada, room } = await start();
		await fill(300);
		const peer = await inside(ada.token, 300);
		peer.say({ t: 'read', room, after: 250, limit: 10 }, { t: 'read', room, after: 300, limit: 10 });
		const page = await peer.next('page');
		expect([page.after, page.head, page.events.map(({ seq }) => seq)]).toEqual([250, 300, upTo(260, 251)]);
		expect((await peer.next('page')).events).toEqual([]);
		expect(seqs(peer, room)).toEqual([]);
	});

	test('[L2] [C2] a reader that stops reading costs a bounded buffer, others nothing, and gets all when it reads again', async () => {
		const { inside, metrics, ada, bob, room } = await start();
		const [slow, writer] = [await inside(ada.token), await inside(bob.token)];
		const waiting = () => Number(/^alcove_outgoing_bytes (\d+)$/m.exec(metrics.render())?.[1]);
		let most = 0;
		slow.socket.pause();
		const body = 'b'.repeat(32_768);
		const count = 600;
		for (let sent = 0; sent < count; sent += 5) {
			writer.say(...upTo(5).map(() => ({ t: 'send' as const, room, id: newId(), body })));
			await writer.until(() => writer.of('ack').length >= sent + 5);
			most = Math.max(most, waiting());
		}
		expect(most).toBeGreaterThan(256 * 1_024);
		expect(most).toBeLessThan(1_024 * 1_024);
		await writer.until(() => writer.events(room).length === count);
		slow.socket.resume();
		await slow.until(() => slow.events(room).at(-1)?.seq === count);
		expect(seqs(slow, room)).toEqual(upTo(count));
		expect(slow.of('level').length).toBeGreaterThan(1);
	});
});

describe('who may', () => {
	test('[C3] a room of others and one that is not there look the same', async () => {
		const { origin, eve, room, inside, ada } = await start();
		await inside(ada.token);
		const answer = async (id: string) => {
			const peer = await Peer.enter(origin, eve.token, { t: 'open', room: id, after: 0 });
			const ended = await peer.next('ended');
			await peer.leave();
			return [ended.code, peer.frames.map(({ t }) => t)];
		};
		expect(await answer(room)).toEqual(await answer(NOWHERE));
		expect((await answer(room))[0]).toBe('unknown');
	});

	test('[C7] who is removed is told, and hears nothing of the room afterwards', async () => {
		const { inside, rooms, ada, bob, room } = await start();
		const [owner, removed] = [await inside(ada.token), await inside(bob.token)];
		await rooms.removeMember(ada.account.id, room, bob.account.id);
		expect(await removed.next('ended')).toEqual({ t: 'ended', room, code: 'removed' });
		owner.say({ t: 'send', room, id: newId(), body: bodyOf('without bob') });
		await owner.next('ack');
		removed.say({ t: 'send', room, id: newId(), body: bodyOf('x') }, { t: 'open', room, after: 0 });
		expect(await removed.next('nack')).toMatchObject({ code: 'unknown' });
		expect(await removed.next('ended')).toMatchObject({ code: 'unknown' });
		await removed.level();
		expect(removed.events(room)).toEqual([]);
	});

	test('[C7] a closed room ends for all; [C6] one that is left ends for one', async () => {
		const { inside, rooms, ada, bob, room } = await start();
		const [one, two] = [await inside(ada.token), await inside(bob.token)];
		two.say({ t: 'close', room });
		expect(await two.next('ended')).toMatchObject({ code: 'left' });
		await one.level();
		await rooms.close(ada.account.id, room);
		expect(await one.next('ended')).toMatchObject({ code: 'closed' });
		await two.level();
		expect(two.of('ended').length).toBe(1);
	});

	test('[C8] a change of members is told to those inside', async () => {
		const { inside, rooms, ada, eve, room } = await start();
		const peer = await inside(ada.token);
		await rooms.join(eve.account.id, room, null);
		expect(await peer.next('changed')).toEqual({ t: 'changed', room });
	});

	test('[L4] one connection has at most 256 rooms open', async () => {
		const { inside, ada, hub, bob } = await start();
		const peer = await inside(ada.token);
		hub.admit = async () => 0;
		for (let index = 1; index < LIMITS.openRooms; index++) peer.say({ t: 'open', room: newId(), after: 0 });
		await peer.until(() => peer.of('level').length === LIMITS.openRooms);
		const more = newId();
		peer.say({ t: 'open', room: more, after: 0 });
		expect(await peer.next('ended')).toEqual({ t: 'ended', room: more, code: 'limit' });
		await (await inside(bob.token)).level();
	});
});

describe('ephemeral frames', () => {
	test('[E1] [E2] [E4] a signal goes to the others in the room as it was sent, and is stored nowhere', async () => {
		const { inside, database, ada, bob, room } = await start();
		const [one, two, outside] = [await inside(ada.token), await inside(bob.token), await inside(bob.token)];
		outside.say({ t: 'close', room });
		await outside.next('ended');
		one.say({ t: 'signal', room, n: 4, body: bodyOf('canary') });
		const { connection } = one.of('welcome')[0] ?? { connection: '' };
		expect(await two.next('signal')).toEqual({
			t: 'signal',
			room,
			from: ada.account.id,
			connection,
			n: 4,
			body: bodyOf('canary')
		});
		await Promise.all([one.level(), outside.level()]);
		expect([one.of('signal'), outside.of('signal')]).toEqual([[], []]);
		expect(JSON.stringify(database.prepare('SELECT * FROM event').all())).not.toContain(bodyOf('canary'));
	});

	test('[E3] presence names each account once, gathers changes, and counts up', async () => {
		const { inside, clock, ada, bob, room } = await start();
		const one = await inside(ada.token);
		const again = await inside(ada.token);
		const two = await inside(bob.token);
		clock.turn(100);
		const both = await one.next('presence');
		expect([both.n, both.here.sort()]).toEqual([1, [ada.account.id, bob.account.id].sort()]);
		await two.leave();
		again.say({ t: 'close', room });
		await again.next('ended');
		await one.level();
		clock.turn(100);
		expect(await one.next('presence')).toEqual({ t: 'presence', room, n: 2, here: [ada.account.id] });
	});

	test('[L2] [E1] to a reader that is behind they are dropped, not kept', async () => {
		const { inside, ada, bob, room } = await start({ hub: { signals: { burst: 5_000, every: 1 } } });
		const [slow, writer] = [await inside(ada.token), await inside(bob.token)];
		slow.socket.pause();
		const body = 'b'.repeat(LIMITS.signalChars);
		for (let n = 1; n <= 1_000; n++) {
			writer.say({ t: 'signal', room, n, body });
			if (n % 20 === 0) await writer.level();
		}
		slow.socket.resume();
		await slow.level();
		const heard = slow.of('signal').map(({ n }) => n);
		expect(heard.length).toBeLessThan(1_000);
		expect(heard).toEqual([...heard].sort((a, b) => a - b));
	});
});
