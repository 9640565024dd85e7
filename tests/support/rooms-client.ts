import Dexie from 'dexie';
import { expect } from 'vitest';
import { History } from '#lib/history/history.ts';
import type { Socket } from '#lib/link/link.ts';
import {
	ApiError,
	type ApiErrorKind,
	type ApiMember,
	type ApiRoom,
	type RoomApi
} from '#lib/room/api-error.ts';
import { Rooms, type TabMessage, type Tabs } from '#lib/room/rooms.svelte.ts';
import type { Room } from '#lib/room/room.svelte.ts';
import type { MessageItem, RoomSession } from '#lib/room/words.ts';
import { Checker, startChecker } from '#lib/seal/checker.ts';
import { secureRandom } from '#lib/seal/keys.ts';
import { FastClock } from './fast-clock.ts';
import { ScriptedEngine } from './room-engine.ts';
import type { SyncServer } from './sync-host-client.ts';

/** Real clients on a real server: what a page has, but for the page. */

const PASSWORD = 'correct horse';

/** What stands between a client and its socket: it sees all that is said, and may change what is heard. */
export interface Meddler {
	traffic: string[];
	hear?: (message: string) => string | null;
	/** What is asked over HTTP is done, and its answer lost; told when that has happened. */
	lose?: () => void;
	/** Says something that the client did not. */
	say: (message: string) => void;
}

export interface Device {
	rooms: Rooms;
	history: History;
	session: RoomSession;
	meddler: Meddler;
	engine: ScriptedEngine;
	/** What was reported, which should be nothing. */
	complaints: unknown[];
	/** The page goes away, without a word. */
	crash(): void;
	/** Opens another tab of the same browser. */
	tab(): Device;
}

const databases = new Set<string>();
const opened: Device[] = [];
const screens: Room[] = [];

/** Closes what a test opened. */
export async function closeAll(): Promise<void> {
	for (const room of screens.splice(0)) room.close();
	for (const { rooms, history } of opened.splice(0)) {
		rooms.close();
		history.close();
	}
	for (const name of databases) await Dexie.delete(name);
	databases.clear();
}

/** Registers somebody, or logs them in on a further device. */
export async function signUp(server: SyncServer, name: string): Promise<RoomSession> {
	return sessionOf(await call(server.url, null, 'POST', '/accounts', { name, password: PASSWORD }));
}

export async function logIn(server: SyncServer, name: string): Promise<RoomSession> {
	return sessionOf(await call(server.url, null, 'POST', '/sessions', { name, password: PASSWORD }));
}

/** Somebody's browser: a database of its own, and one tab. */
export function device(server: SyncServer, session: RoomSession, haste: number | FastClock = 1): Device {
	const name = `rooms-${crypto.randomUUID()}`;
	databases.add(name);
	return openTab(server, session, name, haste);
}

/** Registers somebody who has one device. */
export async function person(
	server: SyncServer,
	name: string,
	haste: number | FastClock = 1
): Promise<Device> {
	const one = device(server, await signUp(server, name), haste);
	await online(one);
	return one;
}

/** A room on somebody's screen. */
export function show({ rooms }: Device, id: string | undefined): Room {
	const room = rooms.open(id ?? '');
	screens.push(room);
	return room;
}

export function online({ rooms }: Device): Promise<void> {
	return eventually(() => expect(rooms.state).toEqual({ kind: 'online' }));
}

/** Waits until something holds; what a person would see, looked at again and again. */
export function eventually(look: () => void, timeout = 30_000): Promise<void> {
	return expect
		.poll(
			() => {
				try {
					look();
					return 'as it should be';
				} catch (error) {
					return String(error);
				}
			},
			{ timeout, interval: 20 }
		)
		.toBe('as it should be');
}

/** @returns a room in which the first one, its owner, has let the others in by a link */
export async function together(owner: Device, ...others: Device[]): Promise<{ id: string; rooms: Room[] }> {
	const id = await owner.rooms.create({ access: 'private', title: 'Kitchen' });
	if (id === undefined) throw new Error(`no room: ${JSON.stringify(owner.rooms.problem)}`);
	const first = show(owner, id);
	await level(first);
	const rooms = [first];
	for (const other of others) {
		const link = await first.invite();
		if ((await other.rooms.join(link?.url ?? '')) !== id)
			throw new Error(`not joined: ${JSON.stringify(other.rooms.problem)}`);
		const room = show(other, id);
		await level(room);
		rooms.push(room);
	}
	return { id, rooms };
}

export function level(room: Room): Promise<void> {
	return eventually(() => expect(room.state).toEqual({ kind: 'open', level: true }));
}

export function messages(room: Room): MessageItem[] {
	return room.items.filter((item) => item.kind === 'message');
}

export function texts(room: Room): string[] {
	return messages(room).map(({ text }) => text);
}

/** Waits until a room's screen shows these texts, and all of them are on the server. */
export function shows(room: Room, expected: string[], timeout = 30_000): Promise<void> {
	return eventually(() => {
		expect(texts(room)).toEqual(expected);
		expect(messages(room).filter(({ seq }) => seq === null)).toEqual([]);
	}, timeout);
}

/** As in a page; a page's tabs have one each, which shows nothing here. */
const { check } = new Checker({
	start: startChecker,
	cores: navigator.hardwareConcurrency,
	after: new FastClock(1).after
});

/** @param haste how much faster than the world its time runs, or the clock itself */
function openTab(server: SyncServer, session: RoomSession, name: string, haste: number | FastClock): Device {
	const clock = typeof haste === 'number' ? clockOf(haste) : haste;
	const history = new History({ now: () => Date.now(), newId: () => crypto.randomUUID() }, name);
	const channel = new BroadcastChannel(`tabs of ${name}`);
	const leaving = new AbortController();
	const meddler: Meddler = { traffic: [], say: () => undefined };
	const complaints: unknown[] = [];
	const engine = new ScriptedEngine(history);
	let gone = false;
	const rooms = new Rooms({
		...{ history, api: new TestApi(server.url, session.token, meddler), random: secureRandom, check, engine },
		connect: () => meddle(new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/socket`), meddler),
		locks: {
			request: ((lock: string, options: LockOptions, work: LockGrantedCallback<unknown>) =>
				navigator.locks.request(lock, options, (held) =>
					Promise.race([
						work(held),
						new Promise((resolve) => leaving.signal.addEventListener('abort', resolve))
					])
				)) as LockManager['request']
		},
		tabs: tabsOver(channel, () => gone),
		clock: {
			now: clock.now,
			after: (milliseconds, work) => clock.after(milliseconds, () => gone || work())
		},
		chance: () => Math.random(),
		address: (room) => `https://alcove.example/room/${room}`,
		report: (error) => complaints.push(error)
	});
	rooms.signIn(session);
	const made: Device = {
		...{ rooms, history, session, meddler, engine, complaints },
		crash() {
			gone = true;
			meddler.hear = () => null;
			history.close();
			leaving.abort();
		},
		tab: () => openTab(server, session, name, haste)
	};
	opened.push(made);
	return made;
}

/** The time of day as it is, with timers that run faster. */
function clockOf(haste: number): Pick<FastClock, 'now' | 'after'> {
	return { now: () => Date.now(), after: new FastClock(haste).after };
}

function tabsOver(channel: BroadcastChannel, gone: () => boolean): Tabs {
	return {
		postMessage: (message) => gone() || channel.postMessage(message),
		addEventListener: (type, listener) =>
			channel.addEventListener(type, ({ data }: MessageEvent<TabMessage>) => gone() || listener({ data }))
	};
}

function meddle(socket: WebSocket, meddler: Meddler): Socket {
	const listeners: ((event: { data: unknown }) => void)[] = [];
	meddler.say = (message) => socket.send(message);
	socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
		meddler.traffic.push(data);
		const heard = meddler.hear ? meddler.hear(data) : data;
		if (heard !== null) for (const listener of listeners) listener({ data: heard });
	});
	return {
		get bufferedAmount() {
			return socket.bufferedAmount;
		},
		send(message) {
			meddler.traffic.push(message);
			socket.send(message);
		},
		close: () => socket.close(),
		addEventListener(type: 'open' | 'close' | 'error' | 'message', listener: (event: never) => void) {
			if (type === 'message') listeners.push(listener as (event: { data: unknown }) => void);
			else socket.addEventListener(type, () => (listener as () => void)());
		}
	};
}

/** The server's API, without parsers: a test trusts its server. */
class TestApi implements RoomApi {
	readonly #ask: (method: string, path: string, body?: unknown) => Promise<unknown>;

	constructor(url: string, token: string, meddler: Meddler) {
		this.#ask = async (method, path, body) => {
			const answer = await call(url, token, method, path, body);
			if (!meddler.lose) return answer;
			meddler.lose();
			return new Promise(() => undefined);
		};
	}

	async rooms(): Promise<ApiRoom[]> {
		return ((await this.#ask('GET', '/rooms')) as { rooms: ApiRoom[] }).rooms;
	}

	async members(room: string): Promise<ApiMember[]> {
		return ((await this.#ask('GET', `/rooms/${room}/members`)) as { members: ApiMember[] }).members;
	}

	create(access: ApiRoom['access'], id: string): Promise<ApiRoom> {
		return this.#ask('POST', '/rooms', { access, id }) as Promise<ApiRoom>;
	}

	join(room: string, invite: string | null): Promise<ApiRoom> {
		return this.#ask('POST', `/rooms/${room}/members`, { invite }) as Promise<ApiRoom>;
	}

	async remove(room: string, account: string): Promise<void> {
		await this.#ask('DELETE', `/rooms/${room}/members/${account}`);
	}

	async setRole(room: string, account: string, role: string): Promise<void> {
		await this.#ask('PUT', `/rooms/${room}/members/${account}/role`, { role });
	}

	invite(room: string, uses: number, life: number) {
		const body = { uses, life };
		return this.#ask('POST', `/rooms/${room}/invites`, body) as ReturnType<RoomApi['invite']>;
	}

	async endInvites(room: string): Promise<void> {
		await this.#ask('DELETE', `/rooms/${room}/invites`);
	}

	async close(room: string): Promise<void> {
		await this.#ask('DELETE', `/rooms/${room}`);
	}
}

async function call(url: string, token: string | null, method: string, path: string, body?: unknown) {
	const headers = {
		'Content-Type': 'application/json',
		...(token === null ? {} : { Authorization: `Bearer ${token}` })
	};
	const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
	let answer: Response;
	try {
		answer = await fetch(`${url}/api/v1${path}`, init);
	} catch (cause) {
		throw new ApiError('offline', { cause });
	}
	const text = await answer.text();
	if (answer.ok) return text === '' ? undefined : (JSON.parse(text) as unknown);
	const { type } = JSON.parse(text) as { type: string };
	throw new ApiError(type.slice(type.indexOf('#') + 1) as ApiErrorKind);
}

function sessionOf(value: unknown): RoomSession {
	const { account, token } = value as { account: { id: string; name: string }; token: string };
	return { account: account.id, name: account.name, token };
}
