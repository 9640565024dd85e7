import type { EngineRoom } from './app-engine.ts';
import type { NetworkRoom } from './app-network.ts';
import { onceThere } from './app-once.ts';
import type { History } from './history/history.ts';
import type { RoomApi } from './room/api-error.ts';
import { Rooms, type TabMessage, type Tabs } from './room/rooms.svelte.ts';
import { Checker, startChecker } from './seal/checker.ts';
import { secureRandom } from './seal/keys.ts';

interface Needs {
	history: History;
	/** The sync server over HTTP, as whoever is signed in. */
	api: RoomApi;
	/** The path the app is served under, without a slash at its end. */
	base: string;
	/** Where the sync server is, without a slash at its end. */
	server: string;
	network: NetworkRoom['network'];
	/** Models and engines, on first use. */
	engines(): Promise<EngineRoom>;
}

/** The part of the composition root that shared rooms are made by, on first use. */
export function createRooms({ history, api, base, server, network, engines }: Needs): Rooms {
	// below a path where the app is served below one
	const socket = new URL('api/v1/socket', `${server}/`);
	socket.protocol = socket.protocol.replace('http', 'ws');
	const channel = new BroadcastChannel('alcove:rooms');
	const tabs: Tabs = {
		postMessage: (message) => channel.postMessage(message),
		addEventListener: (type, listener) =>
			channel.addEventListener(type, ({ data }: MessageEvent<TabMessage>) => listener({ data }))
	};
	const after = (milliseconds: number, work: () => void) => {
		const timer = setTimeout(work, milliseconds);
		return () => clearTimeout(timer);
	};
	const { check } = new Checker({ start: startChecker, cores: navigator.hardwareConcurrency, after });
	const rooms = new Rooms({
		...{ history, api, tabs, locks: navigator.locks, random: secureRandom, check },
		connect: () => network.socket(socket),
		forbidden: () => network.forbidden,
		clock: { now: () => Date.now(), after },
		engine: {
			model: async () => (await engines()).model(),
			wake: () => void engines().then((room) => room.respond()),
			watch: (job, onText) => onceThere(engines(), ({ bulletin }) => bulletin.watch(job, onText))
		},
		chance: () => Math.random(),
		address: (room) => new URL(`${base}/room/${room}`, location.href).href,
		report: (error) => console.error('The rooms:', error)
	});
	network.onChange(() => rooms.nudge());
	window.addEventListener('online', () => rooms.nudge());
	document.addEventListener('visibilitychange', () => {
		if (document.visibilityState === 'visible') rooms.nudge();
	});
	return rooms;
}
