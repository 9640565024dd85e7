import { copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { bodyOf, newId, Peer } from '../unit/server/support/peer.ts';
import { judge, seenByPeer } from './support/oracle.ts';
import { Choices, seedOf } from './support/random.ts';
import { api, furnish, ServerProcess, type Person } from './support/server-process.ts';
import { SmallDisk, unmountable } from './support/small-disk.ts';
import { note } from './support/table.ts';
import { acknowledgedBy, refusedBy, when, Writer } from './support/writer.ts';

const SEED = seedOf(process.env, 20_261_126);
/** Times that the disk gets full. */
const TIMES = 2;
/** Times that the server is killed on a full disk. */
const KILLS = 3;
/** Room for the journal at its full size, and some more. */
const DISK = '96m';
const JOURNAL = 32 * 1_024 * 1_024;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
	for (const work of cleanUp.splice(0).reverse()) await work();
});

/** A server whose database lies on a small disk. */
async function settle(options: string) {
	const server = new ServerProcess();
	cleanUp.push(() => server.remove());
	const folder = join(server.folder, 'disk');
	mkdirSync(folder);
	const disk = await SmallDisk.mount(folder, options);
	cleanUp.push(() => disk.remove());
	const start = () => server.start({ SYNC_DATABASE: join(folder, 'rooms.db') }, disk.under);
	return { server, disk, start };
}

/** Says something again and again until it is refused. @returns the last thing, and why */
async function sayUntilRefused(peer: Peer, room: string) {
	for (;;) {
		const said = { t: 'send', room, id: newId(), body: bodyOf('x'.repeat(40_000)) } as const;
		peer.say(said);
		const isAnswered = ({ id }: { id: string }) => id === said.id;
		await peer.until(() => [...peer.of('ack'), ...peer.of('nack')].some(isAnswered));
		const nack = peer.of('nack').find(isAnswered);
		if (nack) return { said, code: nack.code };
	}
}

const absent = unmountable();
const full = `[S1] [S3] [S5] [S6] a server whose disk gets full ${TIMES} times refuses as full, goes on serving what it has, and goes on storing once there is room (SYNC_SEED=${SEED})`;
const killed = `[S1] [S2] [S3] [S6] a server that is killed ${KILLS} times on a full disk comes back or says why it cannot, and loses nothing (SYNC_SEED=${SEED})`;
const readOnly = 'a server whose disk can only be read does not start, and says why';

if (absent) for (const title of [full, killed, readOnly]) test(title, ({ skip }) => skip(absent));
else disks();

function disks(): void {
	test(full, { timeout: 120_000 }, async () => {
		const choices = new Choices(SEED);
		const { server, disk, start } = await settle(`size=${DISK}`);
		await start();
		const { room, people } = await furnish(server.origin, ['ada', 'bob', 'eve', 'dan']);
		const [dan, ...others] = people as [Person, ...Person[]];
		const writers = others.map((person) => new Writer(person, room, choices));
		const acknowledged = () => acknowledgedBy(writers);
		const refused = () => refusedBy(writers);
		const closed = writers.map((writer) => writer.run(server.origin));
		const peer = await Peer.enter(server.origin, dan.token, { t: 'open', room, after: 0 });
		cleanUp.push(() => peer.socket.terminate());
		const kept: { t: 'send'; room: string; id: string; body: string }[] = [];
		for (let times = 0; times < TIMES; times++) {
			const enough = acknowledged() + 200;
			// at first it grows with what is written, later all of it is there
			const isLaidOut = () =>
				times === 0 || (statSync(disk.path('rooms.db-wal'), { throwIfNoEntry: false })?.size ?? 0) >= JOURNAL;
			await when(writers, () => acknowledged() >= enough && isLaidOut());
			disk.fill();
			const { said, code } = await sayUntilRefused(peer, room);
			expect(code).toBe('full');
			kept.push(said);
			const before = refused();
			await when(writers, () => refused() > before);
			// what is there is read by who comes now, over the socket and over HTTP
			const known = writers.reduce((most, { log }) => Math.max(most, log.length), 0);
			const reader = await Peer.enter(server.origin, dan.token, { t: 'open', room, after: 0 });
			await reader.until(() => reader.events(room).length >= known);
			await reader.leave();
			await api(server.origin, 'GET', `/rooms/${room}/members`, { token: dan.token });
			// what would have to be stored is refused by name, and done once there is room
			const wanted = { token: dan.token, body: { access: { kind: 'private' } } };
			await expect(api(server.origin, 'POST', '/rooms', wanted)).rejects.toThrow(/507 .*storage-full/);
			disk.free();
			const more = acknowledged() + 100;
			await when(writers, () => acknowledged() >= more);
			await api(server.origin, 'POST', '/rooms', wanted);
		}
		for (const said of kept) {
			peer.say(said);
			await peer.until(() => peer.of('ack').some(({ id }) => id === said.id));
		}
		for (const writer of writers) writer.finish();
		await when(writers, () => writers.every((writer) => writer.isLevel(0)));
		const own = peer.of('ack').length;
		await when(writers, () => writers.every((writer) => writer.isLevel(acknowledged() + own)));
		await peer.leave();
		for (const writer of writers) writer.leave();
		await Promise.all(closed);
		expect(await server.stop()).toBe(0);
		// SQLite would not look for its files there; after a clean stop it is one
		expect(readdirSync(disk.path(''))).toEqual(['rooms.db']);
		copyFileSync(disk.path('rooms.db'), server.database);
		const verdict = judge(server.database, room, [...writers, seenByPeer(dan, peer, room)]);
		note('disk full, the whole server', TIMES, verdict);
		expect(verdict).toMatchObject({ lost: 0, doubled: 0, disordered: 0, wrong: [] });
		expect(verdict.acknowledged).toBe(verdict.stored);
		expect(server.complaints).toBe('');
	});

	test(killed, { timeout: 60_000 + KILLS * 20_000 }, async () => {
		const choices = new Choices(SEED);
		const { server, disk, start } = await settle(`size=${DISK}`);
		await start();
		const { room, people } = await furnish(server.origin, ['ada', 'bob', 'eve']);
		const writers = people.map((person) => new Writer(person, room, choices));
		const acknowledged = () => acknowledgedBy(writers);
		const refused = () => refusedBy(writers);
		for (let kills = 0; kills < KILLS; kills++) {
			const closed = writers.map((writer) => writer.run(server.origin));
			const enough = acknowledged() + choices.whole(50, 400);
			await when(writers, () => acknowledged() >= enough);
			disk.fill();
			// somewhere between the first refusal and many
			const many = refused() + choices.whole(1, 100);
			await when(writers, () => refused() >= many);
			await server.kill();
			await Promise.all(closed);
			const why = await start().then(
				() => null,
				(error: unknown) => String(error)
			);
			if (why !== null) expect(why).toMatch(/rooms\.db cannot be used: .*(full|disk)/);
			disk.free();
			if (why !== null) await start();
		}
		const closed = writers.map((writer) => writer.run(server.origin));
		for (const writer of writers) writer.finish();
		await when(writers, () => writers.every((writer) => writer.isLevel(acknowledged())));
		for (const writer of writers) writer.leave();
		await Promise.all(closed);
		expect(await server.stop()).toBe(0);
		copyFileSync(disk.path('rooms.db'), server.database);
		const verdict = judge(server.database, room, writers);
		note('kill -9 on a full disk', KILLS, verdict);
		expect(verdict).toMatchObject({ lost: 0, doubled: 0, disordered: 0, wrong: [] });
		expect(verdict.acknowledged).toBe(verdict.stored);
	});

	test(readOnly, { timeout: 60_000 }, async () => {
		const { server, start } = await settle('ro');
		await expect(start()).rejects.toThrow('the server did not start');
		expect(server.complaints).toMatch(/disk\/rooms\.db cannot be used: /);
	});
}
