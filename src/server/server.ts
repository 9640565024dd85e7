import { getRequestListener } from '@hono/node-server';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Accounts } from './accounts/accounts.ts';
import { Passwords } from './accounts/password.ts';
import { openBacking } from './backing.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Config } from './config.ts';
import { createHttp } from './http.ts';
import { Hub } from './hub.ts';
import type { Logger } from './logger.ts';
import { Metrics } from './metrics.ts';
import { Rooms } from './rooms/rooms.ts';
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
	close(): Promise<void>;
}

/** Puts the parts together over what `config` names. @throws DatabaseError, and the database's own errors */
export async function createSyncServer(
	config: Config,
	logger: Logger,
	clock: Clock = systemClock
): Promise<SyncServer> {
	const { limits, proxies } = config;
	const { now } = clock;
	const metrics = new Metrics();
	const backing = await openBacking(config, { logger, metrics, now });
	const { log, bus, lookEvery } = backing;
	const rooms = new Rooms({ store: backing.rooms, log, bus, now, limits: limits.rooms });
	const accounts = new Accounts({
		store: backing.accounts,
		passwords: new Passwords(config.passwordCost),
		bus,
		now,
		limits: limits.accounts,
		forget: (account) => rooms.forget(account)
	});
	const hub = new Hub({
		...{ log, bus, clock, logger, metrics, lookEvery, limits: limits.hub },
		isMember: (account, room) => rooms.isMember(account, room),
		outsiders: (places) => backing.rooms.outsiders(places),
		endedSessions: (sessions) => backing.accounts.ended(sessions)
	});
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
		async close() {
			if (closed) return;
			closed = true;
			sockets.terminate();
			hub.close();
			await backing.close();
		}
	};
}
