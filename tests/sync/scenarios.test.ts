import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Link } from '#lib/link/link.ts';
import { systemClock, type Clock } from '../../src/server/clock.ts';
import { readConfig } from '../../src/server/config.ts';
import { createLogger } from '../../src/server/logger.ts';
import { createSyncServer } from '../../src/server/server.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { bodyOf, newId, Peer } from '../unit/server/support/peer.ts';
import { judge, type Verdict } from './support/oracle.ts';
import { Choices, seedOf } from './support/random.ts';
import { furnish, ServerProcess, type Person } from './support/server-process.ts';
import { note } from './support/table.ts';
import { acknowledgedBy, refusedBy, when, Writer } from './support/writer.ts';

const SEED = seedOf(process.env, 20_261_125);
/** Jumps of the clock, and times that the database is locked; more in `npm run test:soak`. */
const JUMPS = Number(process.env['SYNC_JUMPS'] ?? 40);
const LOCKS = Number(process.env['SYNC_LOCKS'] ?? 3);
const NAMES = ['ada', 'bob', 'eve'];

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
	for (const work of cleanUp.splice(0).reverse()) await work();
});

async function startServer(): Promise<ServerProcess> {
	const server = new ServerProcess();
	cleanUp.push(() => server.remove());
	await server.start();
	return server;
}

/** Lets all writers end what they have, and holds what they saw against the file. */
async function finish(writers: readonly Writer[], database: string, room: string): Promise<Verdict> {
	for (const writer of writers) writer.finish();
	const total = () => new Set(writers.flatMap(({ acknowledged }) => [...acknowledged.keys()])).size;
	await when(writers, () => writers.every((writer) => writer.isLevel(total())));
	return judge(database, room, writers);
}

/** An address of this machine: all of 127/8 is, on Linux. */
function fromAddress(index: number): { localAddress?: string } {
	return process.platform === 'linux' ? { localAddress: `127.0.0.${2 + index}` } : {};
}

function expectWhole(verdict: Verdict): void {
	expect(verdict).toMatchObject({ lost: 0, doubled: 0, disordered: 0, wrong: [] });
	expect(verdict.acknowledged).toBe(verdict.stored);
}

test(
	`[S1] [S3] a server's clock that jumps a year to and fro changes no order and loses nothing (SYNC_SEED=${SEED})`,
	async () => {
		const choices = new Choices(SEED);
		const folder = mkdtempSync(join(tmpdir(), 'alcove-clock-'));
		cleanUp.push(() => rmSync(folder, { recursive: true }));
		const database = join(folder, 'rooms.db');
		const YEAR = 365 * 24 * 3_600_000;
		let ahead = 0;
		const clock: Clock = { now: () => Date.now() + ahead, after: systemClock.after };
		const settings = readConfig({ SYNC_DATABASE: database });
		const hub = { sends: { burst: 1e9, every: 1 }, signals: { burst: 1e9, every: 1 } };
		const config = {
			...settings,
			passwordCost: { memory: 8, passes: 1 },
			limits: {
				...settings.limits,
				hub,
				// a year is more than the life of a login: that ends by the server's clock, and is another test's
				accounts: { ...settings.limits.accounts, sessionLife: 10 * YEAR }
			}
		};
		const lines: string[] = [];
		const logger = createLogger(
			{ write: (line) => lines.push(line), close: () => undefined },
			'warn',
			Date.now
		);
		const sync = await createSyncServer(config, logger, clock);
		const server = createServer(sync.request).on('upgrade', sync.upgrade);
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		cleanUp.push(async () => {
			await sync.close();
			server.close();
		});
		const address = server.address();
		const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
		const { room, people } = await furnish(origin, NAMES);
		const writers = people.map((person) => new Writer(person, room, choices));
		for (const writer of writers) void writer.run(origin);
		for (let jumps = 0; jumps < JUMPS; jumps++) {
			const enough = acknowledgedBy(writers) + choices.whole(1, 60);
			await when(writers, () => acknowledgedBy(writers) >= enough);
			ahead = choices.pick([-YEAR, 0, YEAR]);
			if (choices.next() < 0.3) {
				const writer = choices.pick(writers);
				writer.cut();
				await when(writers, () => !writer.isConnected);
				void writer.run(origin);
			}
		}
		const verdict = await finish(writers, database, room);
		note('clock that jumps ±1 year', JUMPS, verdict);
		expectWhole(verdict);
		for (const writer of writers) writer.leave();
		expect(lines).toEqual([]);
	},
	120_000 + JUMPS * 1_000
);

test(
	`[S5] [S6] while the database is locked nothing is acknowledged, and all is once it is free (SYNC_SEED=${SEED})`,
	async () => {
		const choices = new Choices(SEED);
		const server = await startServer();
		const { room, people } = await furnish(server.origin, NAMES);
		const writers = people.map((person) => new Writer(person, room, choices));
		for (const writer of writers) void writer.run(server.origin);
		for (let locks = 0; locks < LOCKS; locks++) {
			const enough = acknowledgedBy(writers) + 50;
			await when(writers, () => acknowledgedBy(writers) >= enough);
			const other = new DatabaseSync(server.database);
			other.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE');
			const before = refusedBy(writers);
			// until the server has said so to somebody
			await when(writers, () => refusedBy(writers) > before);
			other.exec('ROLLBACK');
			other.close();
		}
		const verdict = await finish(writers, server.database, room);
		note('locked database', LOCKS, verdict);
		expectWhole(verdict);
		expect(server.complaints).toBe('');
	},
	120_000 + LOCKS * 5_000
);

describe('connections', () => {
	test('[L1] [E3] one that is superseded while half open dies late, and takes nothing from the one that came after it', async () => {
		const server = await startServer();
		const { room, people } = await furnish(server.origin, ['ada', 'bob']);
		const [ada, bob] = people as [Person, Person];
		const proxy = await FaultProxy.to(Number(new URL(server.origin).port));
		cleanUp.push(() => proxy.close());
		const old = await Peer.enter(proxy.origin, ada.token, { t: 'open', room, after: 0 });
		await old.next('level');
		proxy.weather = 'silent';
		const fresh = await Peer.enter(server.origin, ada.token, { t: 'open', room, after: 0 });
		await fresh.next('level');
		const watcher = await Peer.enter(server.origin, bob.token, { t: 'open', room, after: 0 });
		await watcher.next('presence', ({ here }) => here.includes(ada.id) && here.includes(bob.id));
		// now the network tells of the old one's end
		proxy.cut();
		await old.closed;
		watcher.say({ t: 'send', room, id: newId(), body: bodyOf('still here?') });
		await fresh.until(() => fresh.events(room).length === 1);
		fresh.say({ t: 'send', room, id: newId(), body: bodyOf('yes') });
		await fresh.next('ack');
		expect(watcher.of('presence').at(-1)?.here.toSorted()).toEqual([ada.id, bob.id].toSorted());
		for (const peer of [fresh, watcher]) await peer.leave();
	}, 120_000);

	test('[H2] [L5] thousands that say nothing are bounded, thrown out in time, and cost members nothing', async () => {
		const server = await startServer();
		const { room, people } = await furnish(server.origin, ['ada']);
		const [ada] = people as [Person];
		const member = await Peer.enter(server.origin, ada.token, { t: 'open', room, after: 0 });
		await member.next('level');
		const outcomes: number[] = [];
		const SILENT = 1_600;
		const ends = Array.from({ length: SILENT }, async (_, index) => {
			// no more than what one address may have comes from each
			const peer = new Peer(server.origin, fromAddress(index % 20));
			outcomes.push(await peer.closed.catch(() => 503));
		});
		for (let said = 0; said < 20; said++) {
			member.say({ t: 'send', room, id: newId(), body: bodyOf(`${said}`) });
			await member.next('ack');
		}
		const counted = await (await fetch(`${server.origin}/metrics`)).text();
		// as many strangers as there may be, and the member
		expect(Number(/^alcove_connections (\d+)$/m.exec(counted)?.[1])).toBeLessThanOrEqual(1_001);
		await Promise.all(ends);
		// thrown out by their deadline, or not let in at all
		expect(outcomes.filter((code) => code === 4408 || code === 503)).toHaveLength(SILENT);
		const after = await Peer.enter(server.origin, ada.token, { t: 'open', room, after: 0 });
		await after.until(() => after.events(room).length === 20);
		for (const peer of [member, after]) await peer.leave();
	}, 120_000);

	test('[C2] all come back after a crash, each at its own pace, and are level with what was missed', async () => {
		// fewer than one address may have
		const CLIENTS = 240;
		const EVENTS = 50;
		const server = await startServer();
		const { room, people } = await furnish(server.origin, NAMES);
		const [ada] = people as [Person];
		const choices = new Choices(SEED);
		const crowd = Array.from({ length: CLIENTS }, () => ({ seen: [] as number[], levels: 0 }));
		let wake: () => void = () => undefined;
		const until = async (done: () => boolean) => {
			while (!done()) await new Promise<void>((resolve) => (wake = resolve));
		};
		const links = crowd.map((client, index) => {
			const connect = () => new WebSocket(`${server.origin.replace('http', 'ws')}/api/v1/socket`);
			const token = people[index % people.length]?.token ?? '';
			const link = new Link(
				{ connect, clock: systemClock, random: () => choices.next(), token },
				{
					state({ kind }) {
						if (kind === 'on') link.send({ t: 'open', room, after: client.seen.at(-1) ?? 0 });
					},
					frames(frames) {
						for (const frame of frames) {
							if (frame.t === 'events') client.seen.push(...frame.events.map(({ seq }) => seq));
							if (frame.t === 'level') client.levels++;
						}
						wake();
					}
				}
			);
			link.open();
			return link;
		});
		await until(() => crowd.every(({ levels }) => levels === 1));
		await server.kill();
		await server.start();
		const writer = await Peer.enter(server.origin, ada.token, { t: 'open', room, after: 0 });
		for (let said = 0; said < EVENTS; said++)
			writer.say({ t: 'send', room, id: newId(), body: bodyOf(`${said}`) });
		await writer.until(() => writer.of('ack').length === EVENTS);
		await until(() => crowd.every(({ levels, seen }) => levels >= 2 && seen.length >= EVENTS));
		const expected = Array.from({ length: EVENTS }, (_, index) => index + 1);
		for (const { seen } of crowd) expect(seen).toEqual(expected);
		note(`crash, ${CLIENTS} come back at once`, 1, {
			acknowledged: EVENTS,
			lost: 0,
			doubled: 0,
			disordered: 0
		});
		for (const link of links) link.close();
		await writer.leave();
		expect(server.complaints).toBe('');
	}, 120_000);
});
