import { SqliteAccountStore } from './accounts/sqlite.ts';
import type { AccountStore } from './accounts/store.ts';
import type { Bus } from './bus/bus.ts';
import { LocalBus } from './bus/local.ts';
import { keepCheckpoints } from './checkpoints.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database.ts';
import { keepJournal } from './journal.ts';
import type { RoomLog } from './log/log.ts';
import { SqliteLog } from './log/sqlite.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { SqliteRoomStore } from './rooms/sqlite.ts';
import type { RoomStore } from './rooms/store.ts';

/** What a server stands on: one file and itself, or a database and a bus that it shares with others. */
export interface Backing {
	log: RoomLog;
	accounts: AccountStore;
	rooms: RoomStore;
	bus: Bus;
	/** Milliseconds between two looks for what other processes did and could not tell; null when there are none. */
	lookEvery: number | null;
	close(): Promise<void>;
}

export interface BackingParts {
	logger: Logger;
	metrics: Metrics;
	now: () => number;
}

/** @throws DatabaseError, and the database's own errors */
export async function openBacking(config: Config, parts: BackingParts): Promise<Backing> {
	if (config.database.kind === 'file') return openFile(config.database.path, parts);
	// one process alone needs neither driver
	const { openShared } = await import('./backing-shared.ts');
	return openShared(config.database.url, config.redis, parts);
}

async function openFile(path: string, { logger, now }: BackingParts): Promise<Backing> {
	const database = openDatabase(path);
	const stores = {
		log: new SqliteLog(database, now),
		accounts: new SqliteAccountStore(database),
		rooms: new SqliteRoomStore(database)
	};
	const endJournal = keepJournal(database, logger);
	const endCheckpoints = keepCheckpoints(path, logger);
	return {
		...stores,
		bus: new LocalBus(),
		lookEvery: null,
		async close() {
			await endJournal();
			await endCheckpoints();
			database.close();
		}
	};
}
