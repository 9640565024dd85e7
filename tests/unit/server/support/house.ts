import { randomBytes } from 'node:crypto';
import { Accounts, DEFAULT_ACCOUNT_LIMITS, type LoggedIn } from '../../../../src/server/accounts/accounts.ts';
import { Passwords } from '../../../../src/server/accounts/password.ts';
import { SqliteAccountStore } from '../../../../src/server/accounts/sqlite.ts';
import type { Bus, BusMessage } from '../../../../src/server/bus/bus.ts';
import { LocalBus } from '../../../../src/server/bus/local.ts';
import { openDatabase } from '../../../../src/server/database.ts';
import { SqliteLog } from '../../../../src/server/log/sqlite.ts';
import { DEFAULT_ROOM_LIMITS, Rooms } from '../../../../src/server/rooms/rooms.ts';
import { SqliteRoomStore } from '../../../../src/server/rooms/sqlite.ts';
import { FakeClock } from './clock.ts';

/** argon2id at its least cost: what is tested is what is done with it. */
export const CHEAP = { memory: 8, passes: 1 };

/** Everything behind the doors, over a database in memory and a clock that stands still. */
export function buildHouse(options: { rooms?: Partial<typeof DEFAULT_ROOM_LIMITS>; bus?: Bus } = {}) {
	const clock = new FakeClock();
	const database = openDatabase(':memory:');
	const bus = options.bus ?? new LocalBus();
	const said: BusMessage[] = [];
	bus.subscribe((message) => said.push(message));
	const log = new SqliteLog(database, clock.now);
	const store = new SqliteAccountStore(database);
	const roomStore = new SqliteRoomStore(database);
	const rooms = new Rooms({
		store: roomStore,
		log,
		bus,
		now: clock.now,
		limits: { ...DEFAULT_ROOM_LIMITS, ...options.rooms }
	});
	const accounts = new Accounts({
		store,
		passwords: new Passwords(CHEAP),
		bus,
		now: clock.now,
		limits: DEFAULT_ACCOUNT_LIMITS,
		forget: (account) => rooms.forget(account)
	});
	/** A new account from an address of its own. */
	const person = (name: string): Promise<LoggedIn> =>
		accounts.register(name, `password of ${name}`, randomBytes(8).toString('hex'));
	return { clock, database, bus, said, log, store, roomStore, rooms, accounts, person };
}

/** What a call was refused for, or "granted". */
export async function outcome(call: Promise<unknown>): Promise<string> {
	try {
		await call;
		return 'granted';
	} catch (error) {
		if (error instanceof Error && error.name === 'Refusal') return error.message;
		throw error;
	}
}
