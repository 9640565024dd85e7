import { PostgresAccountStore } from './accounts/postgres.ts';
import type { Backing, BackingParts } from './backing.ts';
import { LocalBus } from './bus/local.ts';
import { RedisBus } from './bus/redis.ts';
import { PostgresLog } from './log/postgres.ts';
import { openPostgres } from './postgres.ts';
import { PostgresRoomStore } from './rooms/postgres.ts';

const LOOK_EVERY = 5_000;

/**
 * PostgreSQL for all that is kept, and Redis for the news between processes.
 * @throws DatabaseError, and the driver's errors
 */
export async function openShared(
	url: string,
	redis: string | null,
	{ logger, metrics, now }: BackingParts
): Promise<Backing> {
	const postgres = await openPostgres(url, logger);
	try {
		const log = await PostgresLog.open(postgres, now);
		const accounts = await PostgresAccountStore.open(postgres);
		const rooms = await PostgresRoomStore.open(postgres);
		const bus = redis === null ? new LocalBus() : RedisBus.open(redis, logger, metrics);
		const close = async () => {
			await bus.close();
			await postgres.close();
		};
		return { log, accounts, rooms, bus, lookEvery: LOOK_EVERY, close };
	} catch (error) {
		await postgres.close();
		throw error;
	}
}
