import { Client } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { WireEvent } from '#lib/wire/frames.ts';
import { judgeEvents } from '../sync/support/oracle.ts';
import { Choices, seedOf } from '../sync/support/random.ts';
import { furnish, ServerProcess } from '../sync/support/server-process.ts';
import { note } from '../sync/support/table.ts';
import { when, Writer } from '../sync/support/writer.ts';
import { missing } from './support/programs.ts';
import { PostgresServer, RedisServer } from './support/services.ts';

const KILLS = Number(process.env['SYNC_KILLS_CLUSTER'] ?? 10);
const SEED = seedOf(process.env, 20_261_122);

vi.setConfig({ testTimeout: 120_000 + KILLS * 10_000, hookTimeout: 120_000 });

const absent = missing('postgres', 'redis-server');
const name = `[S1] [S2] [S3] [S6] [C2] two processes on PostgreSQL and Redis, killed ${KILLS} times while all write, with each database killed once, lose, double and disorder nothing (SYNC_SEED=${SEED})`;

if (absent) test(name, ({ skip }) => skip(absent));
else killing();

function killing(): void {
	const servers = [new ServerProcess(), new ServerProcess()] as const;
	let database: PostgresServer;
	let redis: RedisServer;
	let settings: Record<string, string> = {};

	beforeAll(async () => {
		[database, redis] = [await PostgresServer.create(), await RedisServer.create()];
		await Promise.all([database.start(), redis.start()]);
		settings = { DATABASE_URL: await database.newDatabase(), REDIS_URL: redis.url };
		await Promise.all(servers.map((server) => server.start(settings)));
	});
	afterAll(async () => {
		await Promise.all(servers.map((server) => server.remove()));
		await Promise.all([database.remove(), redis.remove()]);
	});

	test(name, async () => {
		const choices = new Choices(SEED);
		const { room, people } = await furnish(servers[0].origin, ['ada', 'bob', 'eve']);
		const writers = [...people, ...people.slice(0, 1)].map((person) => new Writer(person, room, choices));
		const heard = () =>
			writers.reduce((sum, { acknowledged, log }) => sum + acknowledged.size + log.length, 0);
		const loadUntil = (enough: number) => when(writers, () => heard() >= enough);
		let over = false;
		/** Comes back to whichever process answers, as behind a proxy. */
		const keep = async (writer: Writer) => {
			while (!over) {
				await writer.run(choices.pick(servers).origin);
				await new Promise((resolve) => setTimeout(resolve, choices.whole(5, 50)));
			}
		};
		const kept = writers.map(keep);

		// they write by bursts: what they meant to send while a server was away, they send when they are back
		for (const writer of writers) writer.finish();
		const burst = () => {
			for (const writer of writers) writer.add(choices.whole(5, 40));
			return loadUntil(heard() + choices.whole(1, 200));
		};
		for (let kills = 0; kills < KILLS; kills++) {
			await burst();
			const server = choices.pick(servers);
			await server.kill();
			await burst();
			await server.start(settings);
		}
		await burst();
		await redis.end('SIGKILL');
		await burst();
		await redis.start();
		await burst();
		await database.end('SIGQUIT');
		for (const writer of writers) writer.add(10);
		await database.start();
		await burst();

		for (const writer of writers) writer.cut();
		const total = () => new Set(writers.flatMap(({ acknowledged }) => [...acknowledged.keys()])).size;
		await when(writers, () => writers.every((writer) => writer.isLevel(total())));
		over = true;
		for (const writer of writers) writer.cut();
		await Promise.all(kept);

		const stored = await readRoom(settings['DATABASE_URL'] ?? '', room);
		const verdict = judgeEvents(stored, writers);
		note('kill -9, PostgreSQL and Redis, each killed too', KILLS, verdict);
		expect(verdict).toMatchObject({ lost: 0, doubled: 0, disordered: 0, wrong: [] });
		expect(verdict.acknowledged).toBe(verdict.stored);
		expect(verdict.stored).toBeGreaterThan(KILLS * 10);
		for (const { log } of writers) expect(log.length).toBe(verdict.stored);
		expect(servers.map(({ complaints }) => complaints)).toEqual(['', '']);
	});
}

/** A room's events as the database holds them. */
async function readRoom(url: string, room: string): Promise<WireEvent[]> {
	const client = new Client({ connectionString: url });
	await client.connect();
	const { rows } = await client.query<Record<string, unknown>>(
		'SELECT seq, sender, id, at, body FROM event WHERE room = $1 ORDER BY seq',
		[room]
	);
	await client.end();
	return rows.map((row) => ({
		seq: Number(row['seq']),
		id: String(row['id']),
		from: String(row['sender']),
		at: Number(row['at']),
		body: String(row['body'])
	}));
}
