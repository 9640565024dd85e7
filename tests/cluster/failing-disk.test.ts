import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { bodyOf, newId, Peer } from '../unit/server/support/peer.ts';
import { judge, seenByPeer } from '../sync/support/oracle.ts';
import { Choices, seedOf } from '../sync/support/random.ts';
import { api, furnish, ServerProcess, type Person } from '../sync/support/server-process.ts';
import { note } from '../sync/support/table.ts';
import { acknowledgedBy, refusedBy, when, Writer } from '../sync/support/writer.ts';
import { missing } from './support/programs.ts';
import { untraceable } from './support/trace.ts';

const SEED = seedOf(process.env, 20_261_122);
/** What a disk can say that was fine until now: it is read-only now, as after a fault of its own, or it fails. */
const FAULTS = ['EROFS', 'EIO'] as const;
/** All that changes a file of a database or waits for it. */
const CALLS = 'pwrite64,pwritev,write,ftruncate,fallocate,fsync,fdatasync';

vi.setConfig({ testTimeout: 120_000 });

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
	for (const work of cleanUp.splice(0).reverse()) await work();
});

/**
 * From now on whatever a process does to its database fails in the kernel's stead.
 * @returns heals the disk
 */
async function fail(
	pid: number,
	database: string,
	error: (typeof FAULTS)[number]
): Promise<() => Promise<void>> {
	const files = [database, `${database}-wal`].flatMap((path) => ['-P', path]);
	const options = ['-f', '-o', '/dev/null', ...files, '-e', `inject=${CALLS}:error=${error}`];
	const strace = spawn('strace', [...options, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
	const exited = once(strace, 'exit');
	const heal = async () => {
		strace.kill('SIGINT');
		await exited;
	};
	cleanUp.push(heal);
	let said = '';
	await new Promise<void>((resolve, reject) => {
		strace.stderr.on('data', (data) => {
			said += String(data);
			if (said.includes('attached')) resolve();
		});
		strace.once('exit', () => reject(new Error(`strace: ${said}`)));
	});
	return heal;
}

const absent = missing('strace') ?? untraceable();
const title = `[S1] [S2] [S3] [S5] [S6] a disk that turns read-only or fails under a running server: it refuses, serves what it has, and goes on storing when the disk does (SYNC_SEED=${SEED})`;

if (absent) test(title, ({ skip }) => skip(absent));
else
	test(title, async () => {
		const choices = new Choices(SEED);
		const server = new ServerProcess();
		cleanUp.push(() => server.remove());
		const database = `${realpathSync(server.folder)}/rooms.db`;
		await server.start({ SYNC_DATABASE: database });
		const { room, people } = await furnish(server.origin, ['ada', 'bob', 'eve', 'dan']);
		const [dan, ...others] = people as [Person, ...Person[]];
		const writers = others.map((person) => new Writer(person, room, choices));
		const acknowledged = () => acknowledgedBy(writers);
		const refused = () => refusedBy(writers);
		const closed = writers.map((writer) => writer.run(server.origin));
		const peer = await Peer.enter(server.origin, dan.token, { t: 'open', room, after: 0 });
		cleanUp.push(() => peer.socket.terminate());
		const answerTo = async (id: string) => {
			await peer.until(() => [...peer.of('ack'), ...peer.of('nack')].some((one) => one.id === id));
			return [...peer.of('ack'), ...peer.of('nack')].filter((one) => one.id === id).at(-1)?.t;
		};
		const readiness = async () => (await fetch(`${server.origin}/readyz`)).status;
		for (const fault of FAULTS) {
			const enough = acknowledged() + 200;
			await when(writers, () => acknowledged() >= enough);
			const heal = await fail(server.pid, database, fault);
			const [many, before] = [refused() + 50, acknowledged()];
			await when(writers, () => refused() >= many);
			const said = { t: 'send', room, id: newId(), body: bodyOf('while it fails') } as const;
			peer.say(said);
			expect(await answerTo(said.id), fault).toBe('nack');
			// what is there is read by who comes now
			const reader = await Peer.enter(server.origin, dan.token, { t: 'open', room, after: 0 });
			await reader.until(() => reader.events(room).length >= before);
			await reader.leave();
			await api(server.origin, 'GET', `/rooms/${room}/members`, { token: dan.token });
			const wanted = { token: dan.token, body: { access: { kind: 'private' } } };
			await expect(api(server.origin, 'POST', '/rooms', wanted)).rejects.toThrow(/503 .*not-ready/);
			expect(server.lines.filter((line) => line.includes('not stored')).at(-1), fault).toContain(
				'disk I/O error'
			);
			expect(await readiness(), fault).toBe(503);
			await heal();
			const more = acknowledged() + 200;
			await when(writers, () => acknowledged() >= more);
			await api(server.origin, 'POST', '/rooms', wanted);
			const again = { ...said, id: newId() };
			peer.say(again);
			expect(await answerTo(again.id), fault).toBe('ack');
			expect(await readiness(), fault).toBe(200);
		}
		for (const writer of writers) writer.finish();
		const own = peer.of('ack').length;
		await when(writers, () => writers.every((writer) => writer.isLevel(acknowledged() + own)));
		await peer.leave();
		for (const writer of writers) writer.leave();
		await Promise.all(closed);
		expect(await server.stop()).toBe(0);
		const verdict = judge(server.database, room, [...writers, seenByPeer(dan, peer, room)]);
		note('disk read-only or failing, then well', FAULTS.length, verdict);
		expect(verdict).toMatchObject({ lost: 0, doubled: 0, disordered: 0, wrong: [] });
		expect(verdict.acknowledged).toBe(verdict.stored);
		expect(server.complaints).toBe('');
	});
