import { getRequestListener } from '@hono/node-server';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Accounts } from './accounts/accounts.ts';
import { Passwords } from './accounts/password.ts';
import { SqliteAccountStore } from './accounts/sqlite.ts';
import { LocalBus } from './bus/local.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Config } from './config.ts';
import { openDatabase } from './database.ts';
import { createHttp } from './http.ts';
import { Hub } from './hub.ts';
import { SqliteLog } from './log/sqlite.ts';
import type { Logger } from './logger.ts';
import { Metrics } from './metrics.ts';
import { Rooms } from './rooms/rooms.ts';
import { SqliteRoomStore } from './rooms/sqlite.ts';
import { SocketServer } from './socket.ts';

/** The sync server without a port: it can stand alone or beside the app on one Node server. */
export interface SyncServer {
	/** Paths that are its own: all others are somebody else's. */
	owns(path: string): boolean;
	/** Node's "request" event. */
	request(request: IncomingMessage, response: ServerResponse): void;
	/** Node's "upgrade" event. */
	upgrade: SocketServer['upgrade'];
	/**
	 * Takes nothing new, stores and acknowledges what it accepted, and closes the sockets. Requests that
	 * come meanwhile are told that it is not ready.
	 */
	drain(): Promise<void>;
	/** Cuts off who is left, and closes the database. */
	close(): void;
}

/** Puts the parts together over the one file that `config` names. @throws DatabaseError, and SQLite's own errors */
export function createSyncServer(config: Config, logger: Logger, clock: Clock = systemClock): SyncServer {
	const { limits, proxies } = config;
	const database = openDatabase(config.database);
	const metrics = new Metrics();
	const bus = new LocalBus();
	const { now } = clock;
	const log = new SqliteLog(database, now);
	const store = new SqliteAccountStore(database);
	const rooms = new Rooms({ store: new SqliteRoomStore(database), log, bus, now, limits: limits.rooms });
	const accounts = new Accounts({
		store,
		passwords: new Passwords(config.passwordCost),
		bus,
		now,
		limits: limits.accounts,
		forget: (account) => rooms.forget(account)
	});
	const isMember = (account: string, room: string) => rooms.isMember(account, room);
	const hub = new Hub({ log, bus, clock, logger, metrics, limits: limits.hub, isMember });
	const origins = new Set(config.origins);
	const sockets = new SocketServer({
		...{ hub, clock, logger, metrics, origins, proxies, limits: limits.sockets },
		authenticate: (token) => accounts.authenticate(token)
	});
	let stopping = false;
	let closed = false;
	const app = createHttp({
		...{ accounts, rooms, log, metrics, logger, now, origins, proxies, requests: limits.requests },
		stopping: () => stopping
	});
	const listener = getRequestListener(app.fetch);
	return {
		owns: (path) => path.startsWith('/api/') || ['/healthz', '/readyz', '/metrics'].includes(path),
		request: (request, response) => void listener(request, response),
		upgrade: sockets.upgrade,
		async drain() {
			stopping = true;
			await sockets.stop(() => log.close());
		},
		close() {
			if (closed) return;
			closed = true;
			sockets.terminate();
			hub.close();
			database.close();
		}
	};
}
