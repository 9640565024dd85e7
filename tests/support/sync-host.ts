/**
 * Real sync servers for the tests in the browser, each a process of its own behind a network of its own. A test asks for
 * one at `/__sync`, and tells it what to do at the address that it gets back.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { readRoom } from '../sync/support/oracle.ts';
import { Choices } from '../sync/support/random.ts';
import { ServerProcess } from '../sync/support/server-process.ts';
import { note } from '../sync/support/table.ts';
import { FaultProxy, type Weather } from './fault-proxy.ts';
import type { StoredEvent, SyncOrder } from './sync-host-client.ts';

interface Place {
	server: ServerProcess;
	proxy: FaultProxy;
	origin: string;
	/** Ends the bad weather. */
	settle: () => void;
}

/** Vite plugin for the browser tests. */
export function syncHost(): Plugin {
	return {
		name: 'alcove-sync-host',
		configureServer(vite) {
			const places = new Map<string, Place>();
			vite.httpServer?.once('close', () => {
				for (const place of places.values()) void remove(place);
			});
			vite.middlewares.use('/__sync', (request, response) => {
				void answer(places, request)
					.then((told) => response.end(JSON.stringify(told ?? null)))
					.catch((error: unknown) => {
						response.statusCode = 500;
						response.end(String(error));
					});
			});
		}
	};
}

async function answer(places: Map<string, Place>, request: IncomingMessage): Promise<unknown> {
	const [, name = ''] = (request.url ?? '').split('/');
	if (name === '') {
		const place = await open(String(request.headers.origin ?? ''));
		places.set(String(place.server.pid), place);
		return { name: place.server.pid, url: place.proxy.origin, direct: place.server.origin };
	}
	const place = places.get(name);
	if (!place) throw new Error('there is no such server');
	const chunks: Buffer[] = [];
	for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
	const order = JSON.parse(Buffer.concat(chunks).toString()) as SyncOrder;
	if (order.do === 'remove') places.delete(name);
	return obey(place, order);
}

async function open(origin: string): Promise<Place> {
	const server = new ServerProcess();
	await server.start({ SYNC_ORIGINS: origin });
	const proxy = await FaultProxy.to(Number(new URL(server.origin).port));
	return { server, proxy, origin, settle: () => undefined };
}

async function remove({ server, proxy, settle }: Place): Promise<void> {
	settle();
	await proxy.close();
	await server.remove();
}

async function obey(place: Place, order: SyncOrder): Promise<unknown> {
	const { server, proxy, origin } = place;
	switch (order.do) {
		case 'kill':
			return server.kill();
		case 'start':
			return server.start({ SYNC_ORIGINS: origin });
		case 'weather':
			proxy.weather = order.weather;
			return undefined;
		case 'delay':
			proxy.delay = order.milliseconds;
			return undefined;
		case 'cut':
			return proxy.cut();
		case 'flap':
			place.settle = flap(proxy, new Choices(order.seed), order.haste);
			return undefined;
		case 'settle':
			return place.settle();
		case 'note':
			return note(order.scenario, order.runs, order);
		case 'events':
			return eventsOf(server.database, order.room);
		case 'search':
			return foundIn(server, order.texts);
		case 'remove':
			return remove(place);
	}
}

/** Changes the weather again and again. @returns what ends it, in fair weather */
function flap(proxy: FaultProxy, choices: Choices, haste?: number): () => void {
	let timer: NodeJS.Timeout | undefined;
	const turn = () => {
		const weather: Weather = choices.pick(['fair', 'fair', 'silent', 'down'] as const);
		proxy.delay = choices.pick([0, 0, 5, 40]);
		proxy.weather = weather;
		if (choices.whole(0, 3) === 0) proxy.cut();
		const lasts = weather === 'fair' ? choices.whole(50, 900) : choices.whole(20, 300);
		timer = setTimeout(turn, haste === undefined ? lasts : (50 * 600 ** choices.next()) / haste);
	};
	turn();
	return () => {
		clearTimeout(timer);
		proxy.delay = 0;
		proxy.weather = 'fair';
		// what was swallowed does not come back
		proxy.cut();
	};
}

/** What is on the server's disk, read by somebody else than the server. */
function eventsOf(database: string, room: string): StoredEvent[] {
	return readRoom(database, room).map(({ seq, from, id, body }) => ({ seq, from, id, body }));
}

/** Which of some texts stand in the server's files or its log, as they are or in base64. */
function foundIn(server: ServerProcess, texts: readonly string[]): string[] {
	const files = readdirSync(server.folder).filter((name) => name !== 'compiled');
	const contents = files.map((name) => readFileSync(join(server.folder, name), 'latin1'));
	const all = [...contents, ...server.lines, server.complaints].join('\n');
	return texts.filter((text) => shapes(text).some((shape) => all.includes(shape)));
}

/** A text as it would look in a file: itself in UTF-8, and in base64 wherever it may begin. */
function shapes(text: string): string[] {
	const inBase64 = [0, 1, 2].map((before) =>
		Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
			.toString('base64url')
			.slice(4, -4)
	);
	return [Buffer.from(text).toString('latin1'), ...inBase64];
}
