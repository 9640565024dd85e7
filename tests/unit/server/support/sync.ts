import { createServer } from 'node:http';
import type { Bus } from '../../../../src/server/bus/bus.ts';
import { DEFAULT_HUB_LIMITS, Hub, type HubLimits } from '../../../../src/server/hub.ts';
import { createLogger } from '../../../../src/server/logger.ts';
import { Metrics } from '../../../../src/server/metrics.ts';
import { DEFAULT_SOCKET_LIMITS, SocketServer, type SocketLimits } from '../../../../src/server/socket.ts';
import { buildHouse } from './house.ts';
import { APP, listen } from './http.ts';
import { Peer } from './peer.ts';

export interface SyncOptions {
	hub?: Partial<HubLimits>;
	socket?: Partial<SocketLimits>;
	/** As if other processes shared the database. */
	lookEvery?: number;
	bus?: Bus;
}

/** A house with its socket door open on a port of its own, and a room with three members in it. */
export async function openSync(options: SyncOptions = {}) {
	const house = buildHouse(options.bus ? { bus: options.bus } : {});
	const { hub, sockets, server, origin, lines, metrics, shut } = await openDoor(house, house.bus, options);
	const people = [await house.person('ada'), await house.person('bob'), await house.person('eve')] as const;
	const [ada, bob, eve] = people;
	const { id: room } = await house.rooms.create(ada.account.id, { kind: 'open', name: 'Garden', key: 'k' });
	await house.rooms.join(bob.account.id, room, null);
	const peers: Peer[] = [];
	/** Somebody who has said hello and has the room open and level. */
	const inside = async (token: string, after = 0, id = room): Promise<Peer> => {
		const peer = await Peer.enter(origin, token, { t: 'open', room: id, after });
		peers.push(peer);
		await peer.next('level');
		return peer;
	};
	const close = async () => {
		for (const { socket } of peers) socket.terminate();
		await shut();
		house.database.close();
	};
	return {
		...house,
		hub,
		sockets,
		server,
		origin,
		ada,
		bob,
		eve,
		room,
		inside,
		peers,
		lines,
		metrics,
		close
	};
}

/** One process' door to a house: another one over the same house, with a bus of its own, is another process. */
export async function openDoor(house: ReturnType<typeof buildHouse>, bus: Bus, options: SyncOptions = {}) {
	const metrics = new Metrics();
	const lines: string[] = [];
	const logger = createLogger(
		{ write: (line) => lines.push(line), close: () => undefined },
		'debug',
		house.clock.now
	);
	const hub = new Hub({
		...house,
		bus,
		logger,
		metrics,
		limits: { ...DEFAULT_HUB_LIMITS, ...options.hub },
		isMember: (account, room) => house.rooms.isMember(account, room),
		outsiders: (places) => house.roomStore.outsiders(places),
		endedSessions: (sessions) => house.store.ended(sessions),
		lookEvery: options.lookEvery ?? null
	});
	const sockets = new SocketServer({
		hub,
		clock: house.clock,
		logger,
		metrics,
		limits: { ...DEFAULT_SOCKET_LIMITS, ...options.socket },
		origins: new Set([APP]),
		proxies: 0,
		authenticate: (token) => house.accounts.authenticate(token)
	});
	const server = createServer().on('upgrade', sockets.upgrade);
	const origin = await listen(server);
	const shut = async () => {
		sockets.terminate();
		await new Promise<void>((resolve) => {
			server.close(() => resolve());
			server.closeAllConnections();
		});
		hub.close();
	};
	return { hub, sockets, server, origin, lines, metrics, shut };
}
