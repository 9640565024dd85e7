import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PostgresAccountStore } from '../../src/server/accounts/postgres.ts';
import type { Bus } from '../../src/server/bus/bus.ts';
import { RedisBus } from '../../src/server/bus/redis.ts';
import { DatabaseError } from '../../src/server/database.ts';
import { PostgresLog } from '../../src/server/log/postgres.ts';
import { createLogger } from '../../src/server/logger.ts';
import { Metrics } from '../../src/server/metrics.ts';
import { openPostgres, type Postgres } from '../../src/server/postgres.ts';
import { PostgresRoomStore } from '../../src/server/rooms/postgres.ts';
import { busContract, enter, signal, untilHeard } from '../contract/bus-contract.ts';
import { roomLogContract } from '../contract/room-log-contract.ts';
import { storesContract } from '../contract/stores-contract.ts';
import { missing } from './support/programs.ts';
import { PostgresServer, RedisServer } from './support/services.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const absent = missing('postgres', 'redis-server');
const lines: string[] = [];
const logger = createLogger({ write: (line) => lines.push(line), close: () => undefined }, 'warn', Date.now);
const now = () => 1_700_000_000_000;

if (absent) test('PostgreSQL and Redis keep the contracts', ({ skip }) => skip(absent));
else contracts();

function contracts(): void {
	let database: PostgresServer;
	let redis: RedisServer;
	beforeAll(async () => {
		[database, redis] = [await PostgresServer.create(), await RedisServer.create()];
		await Promise.all([database.start(), redis.start()]);
	});
	afterAll(() => Promise.all([database.remove(), redis.remove()]));

	/** An empty database, opened as often as asked for. */
	async function newDatabase() {
		const url = await database.newDatabase();
		const opened: Postgres[] = [];
		const open = async () => {
			const postgres = await openPostgres(url, logger);
			opened.push(postgres);
			return postgres;
		};
		const remove = async () => void (await Promise.all(opened.map((postgres) => postgres.close())));
		return { url, open, remove };
	}

	roomLogContract('PostgreSQL', async () => {
		const { open, remove } = await newDatabase();
		return { open: async () => PostgresLog.open(await open(), now), remove };
	});

	storesContract('PostgreSQL', async () => {
		const { open, remove } = await newDatabase();
		const postgres = await open();
		const accounts = await PostgresAccountStore.open(postgres);
		return { accounts, rooms: await PostgresRoomStore.open(postgres), remove };
	});

	busContract('Redis', async () => {
		const opened: Bus[] = [];
		return {
			enter: async () => {
				const bus = RedisBus.open(redis.url, logger, new Metrics());
				opened.push(bus);
				return bus;
			},
			remove: async () => void (await Promise.all(opened.map((bus) => bus.close())))
		};
	});

	describe('PostgreSQL', () => {
		test('[S1] [S3] [S8] many processes number the rooms they share without a gap, and store nothing twice', async () => {
			const { open, remove } = await newDatabase();
			const logs = await Promise.all([1, 2, 3, 4].map(async () => PostgresLog.open(await open(), now)));
			const rooms = ['room-a', 'room-b', 'room-c'];
			const events = Array.from({ length: 600 }, (_, index) => ({
				room: rooms[index % 3] ?? '',
				from: `sender${index % 7}`,
				id: `id${index}`,
				body: 'x'
			}));
			// each event by two processes, in another order
			const appended = await Promise.all(
				logs.flatMap((log, process) =>
					events
						.filter((_, index) => index % 4 === process || (index + 1) % 4 === process)
						.map(async (event) => ({ event, ...(await log.append(event)) }))
				)
			);
			for (const room of rooms) {
				const stored = (await logs[0]?.read(room, 0, { events: 1_000, chars: 1_000_000 })) ?? [];
				expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1));
				expect(stored).toHaveLength(200);
				const numbers = new Map(stored.map(({ id, seq }) => [id, seq]));
				const answers = appended.filter(({ event }) => event.room === room);
				expect(answers.filter(({ fresh }) => fresh)).toHaveLength(200);
				for (const { event, seq } of answers) expect(numbers.get(event.id)).toBe(seq);
			}
			await Promise.all(logs.map((log) => log.close()));
			await remove();
		});

		test('processes that start at once over nothing agree, and one of an older server is refused', async () => {
			const { open, remove } = await newDatabase();
			const opened = await Promise.all([1, 2, 3].map(() => open()));
			await Promise.all(opened.map((postgres) => PostgresLog.open(postgres, now)));
			await opened[0]?.ask("UPDATE schema SET version = 99 WHERE part = 'log'");
			for (const postgres of opened.slice(0, 1)) {
				await expect(PostgresLog.open(postgres, now)).rejects.toThrow(DatabaseError);
			}
			await remove();
		});

		test('[S2] a database that does not wait for its disk is refused', async () => {
			const { url } = await newDatabase();
			const name = new URL(url).pathname.slice(1);
			const postgres = await openPostgres(url, logger);
			await postgres.ask(`ALTER DATABASE ${name} SET synchronous_commit = off`);
			await postgres.close();
			await expect(openPostgres(url, logger)).rejects.toThrow(/synchronous_commit must not be off/);
		});

		test('[S5] one that can only be read refuses as unavailable and recovers unaided', async () => {
			const { url, open, remove } = await newDatabase();
			const name = new URL(url).pathname.slice(1);
			const log = await PostgresLog.open(await open(), now);
			const setup = await open();
			const event = (id: string) => ({ room: 'r', from: 'f', id, body: 'x' });
			await log.append(event('first'));
			/** As a failover to a standby, and back, would look to the server: its connections break. */
			const readOnly = async (state: 'on' | 'off') => {
				await setup.transaction(async (ask) => {
					await ask('SET TRANSACTION READ WRITE');
					await ask(`ALTER DATABASE ${name} SET default_transaction_read_only = ${state}`);
				});
				await setup.ask(
					'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
					[name]
				);
			};
			await readOnly('on');
			await vi.waitFor(() => expect(log.check()).rejects.toMatchObject({ kind: 'unavailable' }));
			await expect(log.append(event('second'))).rejects.toMatchObject({ kind: 'unavailable' });
			expect(await log.head('r')).toBe(1);
			await readOnly('off');
			await vi.waitFor(() => log.check());
			expect(await log.append(event('second'))).toMatchObject({ seq: 2, fresh: true });
			await remove();
		});
	});

	describe('Redis', () => {
		test('while it is away nothing is thrown, and once it is back the gap is told and all is heard again', async () => {
			const room = 'r'.repeat(22);
			const enterBus = {
				enter: async () => RedisBus.open(redis.url, logger, new Metrics()),
				remove: async () => undefined
			};
			const [one, two] = [await enter(enterBus, room), await enter(enterBus, room)];
			await untilHeard(one, two, room);
			const gap = new Promise<string | null>((resolve) => two.bus.onGap(resolve));
			await redis.end('SIGKILL');
			const before = one.heard.length;
			one.bus.publish(signal(room, 1));
			expect(one.heard.length).toBe(before + 1);
			await redis.start();
			expect(await gap).toBeNull();
			await untilHeard(one, two, room);
			await untilHeard(two, one, room);
			await Promise.all([one.bus.close(), two.bus.close()]);
		});

		test('what is no packet of ours is dropped and counted', async () => {
			const room = 'q'.repeat(22);
			const metrics = new Metrics();
			const bus = RedisBus.open(redis.url, logger, metrics);
			const one = await enter({ enter: async () => bus, remove: async () => undefined }, room);
			const other = RedisBus.open(redis.url, logger, new Metrics());
			const two = await enter({ enter: async () => other, remove: async () => undefined }, room);
			await untilHeard(two, one, room);
			const before = one.heard.length;
			const { createClient } = await import('@redis/client');
			const stranger = createClient({ url: redis.url });
			await stranger.connect();
			const process = 'p'.repeat(22);
			const bad = [
				'',
				'[]',
				'{',
				JSON.stringify({
					process,
					messages: [
						{ kind: 'committed', room, events: [{ seq: 1, id: '"},{"', from: room, at: 1, body: 'x' }] }
					]
				})
			];
			for (const text of bad) await stranger.publish(`alcove:room:${room}`, text);
			other.publish(signal(room, 77));
			await one.until(() => one.heard.length > before);
			expect(one.heard.slice(before)).toEqual([signal(room, 77)]);
			expect(metrics.render()).toContain(`alcove_bus_refused_total ${bad.length}`);
			await Promise.all([stranger.close(), one.bus.close(), two.bus.close()]);
		});
	});
}
