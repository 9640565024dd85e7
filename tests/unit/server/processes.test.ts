import { afterEach, describe, expect, test, vi } from 'vitest';
import { Network } from './support/network.ts';
import { bodyOf, newId, Peer } from './support/peer.ts';
import { openDoor, openSync } from './support/sync.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

const LOOK = 5_000;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of open.splice(0).reverse()) await close();
});

/** Two processes over one database, ada at the first, bob at the second, and what is between the two. */
async function start() {
	const network = new Network();
	const buses = [network.enter(), network.enter()] as const;
	const one = await openSync({ bus: buses[0], lookEvery: LOOK });
	open.push(one.close);
	const two = await openDoor(one, buses[1], { lookEvery: LOOK });
	open.push(two.shut);
	const { room, clock } = one;
	const ada = await one.inside(one.ada.token);
	const bob = await Peer.enter(two.origin, one.bob.token, { t: 'open', room, after: 0 });
	open.push(async () => bob.socket.terminate());
	await bob.next('level');
	const send = (peer: Peer, text = 'x') => peer.say({ t: 'send', room, id: newId(), body: bodyOf(text) });
	/** Turns the clock by small steps, until something is so. */
	const turnUntil = async (done: () => boolean) => {
		for (let turned = 0; !done(); turned += 50) {
			if (turned > 120_000) throw new Error('two minutes went by, and it is not so');
			clock.turn(50);
			await new Promise((resolve) => setImmediate(resolve));
		}
	};
	const here = (peer: Peer) => (peer.of('presence').at(-1)?.here ?? []).toSorted();
	const both = [one.ada.account.id, one.bob.account.id].toSorted();
	const people = [one.ada, one.bob] as const;
	return { ...one, people, two, buses, network, ada, bob, send, turnUntil, here, both };
}

const seqs = (peer: Peer, room: string) => peer.events(room).map(({ seq }) => seq);

describe('what processes tell each other', () => {
	test('[S4] [E1] events and signals reach those at the other process', async () => {
		const { ada, bob, send, room } = await start();
		send(ada, 'hello');
		await bob.next('events');
		ada.say({ t: 'signal', room, n: 1, body: bodyOf('typing') });
		expect((await bob.next('signal')).body).toBe(bodyOf('typing'));
		send(bob);
		await ada.until(() => ada.events(room).length === 2);
		expect([seqs(ada, room), seqs(bob, room)]).toEqual([
			[1, 2],
			[1, 2]
		]);
	});

	test('[C2] hints that overtake each other are put in order without a look into the log', async () => {
		const { ada, bob, send, room, network, log } = await start();
		const read = vi.spyOn(log, 'read');
		network.hold();
		for (let count = 1; count <= 4; count++) {
			send(ada);
			await ada.until(() => ada.of('ack').length === count);
		}
		network.release('reversed');
		await bob.until(() => bob.events(room).length === 4);
		expect(seqs(bob, room)).toEqual([1, 2, 3, 4]);
		expect(read).not.toHaveBeenCalled();
	});

	test('[C2] one that comes alone waits a little for those before it, then the log has them', async () => {
		const { ada, bob, send, room, network, turnUntil } = await start();
		send(ada);
		await bob.until(() => bob.events(room).length === 1);
		network.cut = true;
		send(ada);
		await ada.until(() => ada.of('ack').length === 2);
		network.cut = false;
		send(ada);
		await ada.until(() => ada.of('ack').length === 3);
		await bob.level();
		expect(seqs(bob, room)).toEqual([1]);
		await turnUntil(() => bob.events(room).length === 3);
		expect(seqs(bob, room)).toEqual([1, 2, 3]);
	});

	test('[C7] [H6] who is removed, or logged out, at one process is so at the other', async () => {
		const { rooms, accounts, ada, bob, room, people } = await start();
		await rooms.removeMember(people[0].account.id, room, people[1].account.id);
		expect(await bob.next('ended')).toMatchObject({ code: 'removed' });
		await ada.next('changed');
		await accounts.logOutEverywhere(people[1].account.id);
		expect(await bob.closed).toBe(4_401);
	});
});

describe('what they cannot tell each other', () => {
	test('[C2] events that nobody told of are found by looking', async () => {
		const { ada, bob, send, room, network, turnUntil } = await start();
		network.cut = true;
		for (let count = 0; count < 3; count++) send(ada);
		await ada.until(() => ada.of('ack').length === 3);
		await bob.level();
		expect(seqs(bob, room)).toEqual([]);
		await turnUntil(() => bob.events(room).length === 3);
		expect(seqs(bob, room)).toEqual([1, 2, 3]);
	});

	test('[C2] a bus that is back says that it was away, and all is asked for at once', async () => {
		const { ada, bob, send, room, network, buses, clock } = await start();
		network.cut = true;
		send(ada);
		await ada.next('ack');
		network.cut = false;
		buses[1].gap(null);
		await bob.until(() => bob.of('changed').length === 1);
		await vi.waitFor(() => {
			clock.turn(1);
			expect(seqs(bob, room)).toEqual([1]);
		});
	});

	test('[C7] [H6] removal and log out take effect without a bus', async () => {
		const { rooms, accounts, bob, room, network, turnUntil, people } = await start();
		const [owner, member] = people.map(({ account }) => account.id);
		network.cut = true;
		await rooms.removeMember(owner ?? '', room, member ?? '');
		await turnUntil(() => bob.of('ended').length === 1);
		expect(bob.of('ended')).toMatchObject([{ code: 'removed' }]);
		await accounts.logOutEverywhere(member ?? '');
		await turnUntil(() => bob.of('fault').length === 1);
		expect(await bob.closed).toBe(4_401);
	});

	test('[S3] [S4] an event whose storing went unheard comes to all once it is sent again', async () => {
		const { ada, bob, room, log, people } = await start();
		// stored, as by a process that died before it could say so
		const event = { room, from: people[0].account.id, id: newId(), body: bodyOf('x') };
		await log.append(event);
		ada.say({ t: 'send', room, id: event.id, body: event.body });
		expect(await ada.next('ack')).toMatchObject({ seq: 1 });
		await bob.until(() => bob.events(room).length === 1);
		await ada.until(() => ada.events(room).length === 1);
	});

	test('[C2] what one connection finds in the log comes to those who were there before it', async () => {
		const { ada, bob, room, log, people, two, turnUntil } = await start();
		await log.append({ room, from: people[0].account.id, id: newId(), body: bodyOf('x') });
		const later = await Peer.enter(two.origin, people[0].token, { t: 'open', room, after: 0 });
		open.push(async () => later.socket.terminate());
		expect(await later.next('level')).toMatchObject({ seq: 1 });
		await turnUntil(() => bob.events(room).length === 1);
		await turnUntil(() => ada.events(room).length === 1);
	});
});

describe('presence', () => {
	test('[E3] lists the accounts of all processes, and drops who goes', async () => {
		const { ada, bob, here, both, turnUntil, people } = await start();
		await turnUntil(() => here(ada).length === 2 && here(bob).length === 2);
		expect([here(ada), here(bob)]).toEqual([both, both]);
		await bob.leave();
		await turnUntil(() => here(ada).length === 1);
		expect(here(ada)).toEqual([people[0].account.id]);
	});

	test('[L1] [E3] those of a process that fell silent are gone after two heartbeats, those of a quiet one stay', async () => {
		const { ada, bob, here, turnUntil, network, clock, people } = await start();
		await turnUntil(() => here(ada).length === 2);
		const quiet = clock.now();
		await turnUntil(() => clock.now() - quiet > 60_000);
		expect([here(ada).length, here(bob).length]).toEqual([2, 2]);
		network.cut = true;
		const silent = clock.now();
		await turnUntil(() => here(ada).length === 1);
		expect(here(ada)).toEqual([people[0].account.id]);
		expect(clock.now() - silent).toBeLessThanOrEqual(50_000);
	});
});
