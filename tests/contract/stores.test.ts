import { vi } from 'vitest';
import { SqliteAccountStore } from '../../src/server/accounts/sqlite.ts';
import { LocalBus } from '../../src/server/bus/local.ts';
import { openDatabase } from '../../src/server/database.ts';
import { SqliteRoomStore } from '../../src/server/rooms/sqlite.ts';
import { busContract } from './bus-contract.ts';
import { storesContract } from './stores-contract.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

storesContract('SQLite', async () => {
	const database = openDatabase(':memory:');
	const accounts = new SqliteAccountStore(database);
	const rooms = new SqliteRoomStore(database);
	return { accounts, rooms, remove: async () => database.close() };
});

busContract('within a process', async () => {
	const bus = new LocalBus();
	return { enter: async () => bus, remove: () => bus.close() };
});
