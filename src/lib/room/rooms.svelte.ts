import type { History } from '#lib/history/history.ts';
import { historyError } from '#lib/history/open.ts';
import type { IdentityRow, RoomRow } from '#lib/history/rooms/rows.ts';
import type { RoomStore } from '#lib/history/rooms/store.ts';
import type { Clock, Socket } from '#lib/link/link.ts';
import type { HistoryError } from '#lib/message/errors.ts';
import { fromBase64url, toBase64url } from '#lib/seal/bytes.ts';
import { newDevice } from '#lib/seal/device.ts';
import type { Check } from '#lib/seal/device-keys.ts';
import { newRoomSecret, type Random } from '#lib/seal/keys.ts';
import { admit, enter, giveAllKeys } from './admission.ts';
import { ApiError, type RoomApi } from './api-error.ts';
import type { RoomEngine } from './assist.ts';
import { Lead, type LeadLive } from './lead.ts';
import { lockKeys, readLink, unlockKeys } from './links.ts';
import { isTitle } from './payload.ts';
import { problemOf } from './problem.ts';
import { Room } from './room.svelte.ts';
import type { RoomLive } from './room-sync.ts';
import { nameOf } from './view.ts';
import type {
	NewRoom,
	OpenRoomOffer,
	RoomNews,
	RoomProblem,
	RoomsState,
	RoomSession,
	RoomSummary
} from './words.ts';

/** What the tabs of a device say to each other. */
export type TabMessage =
	| { kind: 'live'; account: string; live: LeadLive }
	| { kind: 'ask'; account: string }
	| { kind: 'typing'; account: string; room: string; on: boolean }
	| { kind: 'nudge'; account: string };

/** The channel between the tabs: the browser's BroadcastChannel. */
export interface Tabs {
	postMessage(message: TabMessage): void;
	addEventListener(type: 'message', listener: (event: { data: TabMessage }) => void): void;
}

export interface RoomsEnvironment {
	history: History;
	api: RoomApi;
	/** Opens a socket to the sync server. */
	connect(): Socket;
	/** Whether the person has forbidden the network. */
	forbidden?(): boolean;
	locks: Pick<LockManager, 'request'>;
	tabs: Tabs;
	clock: Clock;
	/** A number in [0, 1). */
	chance(): number;
	random: Random;
	/** Checks signatures elsewhere than in this thread. */
	check?: Check | undefined;
	engine: RoomEngine;
	/** The address of a room's page, without the part after "#". */
	address(room: string): string;
	/** Something failed that nothing on the screen shows. */
	report(error: unknown): void;
}

/** What is known of the rooms on this device, read in one piece. */
interface Shelf {
	rows: RoomRow[];
	keyed: ReadonlySet<string>;
	waiting: ReadonlyMap<string, number>;
}

const EMPTY: Shelf = { rows: [], keyed: new Set(), waiting: new Map() };

/** The rooms of whoever is signed in: the list, the ways in, and which tab talks to the server. */
export class Rooms {
	#session = $state.raw<RoomSession | null>(null);
	#live = $state.raw<LeadLive | null>(null);
	#shelf = $state.raw<Shelf>(EMPTY);
	#problem = $state.raw<RoomProblem>({ kind: 'none' });
	#failure = $state.raw<HistoryError | null>(null);
	readonly #env: RoomsEnvironment;
	readonly #listeners = new Set<(news: RoomNews) => void>();
	#store: Promise<RoomStore> | null = null;
	#stay = new AbortController();
	#lead: Lead | null = null;
	#endShelf: () => void = () => undefined;

	constructor(env: RoomsEnvironment) {
		this.#env = env;
		env.tabs.addEventListener('message', ({ data }) => this.#hear(data));
	}

	get state(): RoomsState {
		if (this.#failure) return { kind: 'failed', error: this.#failure };
		if (!this.#session) return { kind: 'signed-out' };
		const link = this.#live?.link;
		switch (link?.kind) {
			case 'on':
				return { kind: 'online' };
			case 'waiting':
				return { kind: 'offline', retryAt: link.retryAt };
			case 'forbidden':
				return { kind: 'forbidden' };
			case 'refused':
				return { kind: link.why === 'token' ? 'refused' : 'outdated' };
			case 'connecting':
				return link.tries > 0 ? { kind: 'offline', retryAt: this.#env.clock.now() } : { kind: 'connecting' };
			default:
				return { kind: 'connecting' };
		}
	}

	/** The one with the latest message first, those that ended last. */
	get list(): RoomSummary[] {
		const { rows, keyed, waiting } = this.#shelf;
		const order = [...rows].sort(
			(one, other) =>
				Number(one.ended !== null) - Number(other.ended !== null) || other.activeAt - one.activeAt
		);
		return order.map(({ id, title, access, unread, mention, last, ended, members, book }) => ({
			...{ id, title, access, unread, mention, ended },
			last: last && { author: nameOf({ members, book }, last.author), text: last.text, at: last.at },
			hasKey: keyed.has(id),
			pending: waiting.get(id) ?? 0
		}));
	}

	get unread(): { messages: number; mentions: number } {
		const { rows } = this.#shelf;
		const messages = rows.reduce((sum, { unread }) => sum + unread, 0);
		return { messages, mentions: rows.filter(({ mention }) => mention).length };
	}

	get problem(): RoomProblem {
		return this.#problem;
	}

	get me(): { account: string; name: string } | null {
		return this.#session && { account: this.#session.account, name: this.#session.name };
	}

	/** What the leading tab tells of a room; nothing as long as there is none. */
	live(room: string): RoomLive | undefined {
		return this.#live?.rooms[room];
	}

	/** Begins for an account; whoever was signed in before is signed out. */
	signIn(session: RoomSession): void {
		this.signOut();
		this.#session = session;
		this.#failure = null;
		const stay = new AbortController();
		this.#stay = stay;
		const store = this.#env.history.rooms(session.account);
		this.#store = store;
		this.#work(session, store, stay.signal).catch((error: unknown) => {
			if (!stay.signal.aborted) this.#failure = historyError(error);
		});
	}

	/** Ends the connection. What is here stays, and what waits goes out when the same account comes again. */
	signOut(): void {
		this.#stay.abort();
		this.#endShelf();
		this.#endShelf = () => undefined;
		this.#session = null;
		this.#store = null;
		this.#live = null;
		this.#shelf = EMPTY;
	}

	/** @returns the room's id, or undefined: `problem` says why */
	create({ access, title }: NewRoom): Promise<string | undefined> {
		return this.#try(async (store) => {
			const name = title.trim();
			if (!isTitle(name)) return this.#refuse({ kind: 'bad-title' });
			const id = toBase64url(this.#env.random(16));
			const secret = newRoomSecret(0, this.#env.random);
			const key = toBase64url(secret.secret);
			const open = { kind: 'open', name, key } as const;
			// first the key: without it a room that was made just before a crash would be nobody's
			await store.change(async () => {
				await store.addKeys([{ room: id, ...secret }]);
				if (access === 'private') await store.addToOutbox(id, { t: 'title', title: name });
			});
			try {
				const room = await this.#env.api.create(access === 'open' ? open : { kind: 'private' }, id);
				await admit(store, room, secret);
			} catch (error) {
				// one whose answer was lost may be there
				const lost = !(error instanceof ApiError) || ['offline', 'answer', 'server'].includes(error.kind);
				if (!lost) await store.forget(id);
				throw error;
			}
			return id;
		});
	}

	/** @param link a whole address, or one from its path on. @returns the room's id, or undefined: `problem` says why */
	join(link: string): Promise<string | undefined> {
		return this.#try(async (store) => {
			const read = await readLink(link);
			if ('kind' in read) return this.#refuse(read);
			const epoch = (await store.room(read.room))?.book.epoch ?? 0;
			await admit(store, await enter(this.#env.api, read.room, read.invite), read.secret);
			const newest = (await store.keys(read.room)).at(-1)?.epoch ?? 0;
			// what was said before can be read, and nothing new
			if (newest < epoch) this.#refuse({ kind: 'bad-link', why: 'old' });
			return read.room;
		});
	}

	joinOpen({ id, key }: OpenRoomOffer): Promise<string | undefined> {
		return this.#try(async (store) => {
			const secret = fromBase64url(key);
			if (secret?.length !== 32) return this.#refuse({ kind: 'bad-link', why: 'malformed' });
			await admit(store, await enter(this.#env.api, id, null), { epoch: 0, secret });
			return id;
		});
	}

	/** A room for the screen. */
	open(id: string): Room {
		const { api, random, clock, engine, address } = this.#env;
		return new Room(id, {
			...{ api, random, clock, engine, address },
			store: this.#store,
			live: () => this.live(id),
			typing: (on) => this.#tellTyping(id, on)
		});
	}

	/** All keys of this account's rooms as a file that the passphrase opens. */
	backUpKeys(passphrase: string): Promise<Blob | undefined> {
		return this.#try(async (store) => new Blob([await lockKeys(await store.allKeys(), passphrase)]));
	}

	/** @returns how many rooms got a key that they lacked, or undefined: `problem` says why */
	restoreKeys(file: Blob, passphrase: string): Promise<number | undefined> {
		return this.#try(async (store) => {
			const keys = await unlockKeys(new Uint8Array(await file.arrayBuffer()), passphrase);
			if ('kind' in keys) return this.#refuse(keys);
			return giveAllKeys(store, keys);
		});
	}

	/** Erases a room from this device. */
	async forget(id: string): Promise<void> {
		await this.#try((store) => store.forget(id));
	}

	/** Erases all rooms, their keys and the device's own key from this device. */
	async forgetAll(): Promise<void> {
		await this.#try((store) => store.forgetAll());
	}

	/** @returns the function that ends it */
	onNews(listener: (news: RoomNews) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The network may be back: tries at once. */
	nudge(): void {
		if (this.#lead) this.#lead.nudge();
		else if (this.#session) this.#env.tabs.postMessage({ kind: 'nudge', account: this.#session.account });
	}

	dismiss(): void {
		this.#problem = { kind: 'none' };
	}

	close(): void {
		this.signOut();
		this.#listeners.clear();
	}

	async #work(session: RoomSession, opening: Promise<RoomStore>, signal: AbortSignal): Promise<void> {
		const store = await opening;
		const device = await ownDevice(store);
		if (signal.aborted) return;
		this.#endShelf = store
			.live(async () => {
				const [rows, keys, waiting] = [await store.rooms(), await store.allKeys(), await store.waiting()];
				return { rows, keyed: new Set(keys.map(({ room }) => room)), waiting };
			})
			.subscribe(
				(shelf) => (this.#shelf = shelf),
				(error) => (this.#failure = error)
			);
		const { account } = session;
		this.#env.tabs.postMessage({ kind: 'ask', account });
		await this.#env.locks.request(
			`alcove:rooms:${this.#env.history.name}:${account}`,
			{ signal },
			async () => {
				if (signal.aborted) return;
				await this.#leadOn(session, store, device, signal);
			}
		);
	}

	/** This tab talks to the server, until its person signs out or it goes. */
	async #leadOn(
		session: RoomSession,
		store: RoomStore,
		device: IdentityRow,
		signal: AbortSignal
	): Promise<void> {
		const { api, connect, forbidden, clock, chance, random, check, engine, report } = this.#env;
		const lead = new Lead({
			...(forbidden ? { forbidden } : {}),
			...{ store, api, connect, clock, chance, random, check, engine, device, session, report },
			changed: (live) => {
				this.#live = live;
				this.#env.tabs.postMessage({ kind: 'live', account: session.account, live });
			},
			news: (room, title, all) => {
				const row = this.#shelf.rows.find(({ id }) => id === room);
				for (const one of all) {
					const named = one.kind === 'message' ? { ...one, author: row ? nameOf(row, one.author) : '' } : one;
					for (const tell of this.#listeners) tell({ room, title, ...named });
				}
			}
		});
		this.#lead = lead;
		lead.start();
		await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
		this.#lead = null;
		await lead.close();
	}

	#hear(message: TabMessage): void {
		const account = this.#session?.account;
		if (message.account !== account) return;
		if (message.kind === 'live' && !this.#lead) this.#live = message.live;
		if (!this.#lead) return;
		if (message.kind === 'typing') this.#lead.typing(message.room, message.on);
		if (message.kind === 'nudge') this.#lead.nudge();
		if (message.kind === 'ask') {
			this.#env.tabs.postMessage({ kind: 'live', account, live: this.#lead.live });
		}
	}

	#tellTyping(room: string, on: boolean): void {
		if (this.#lead) this.#lead.typing(room, on);
		else if (this.#session)
			this.#env.tabs.postMessage({ kind: 'typing', account: this.#session.account, room, on });
	}

	#refuse(problem: RoomProblem): undefined {
		this.#problem = problem;
	}

	async #try<T>(work: (store: RoomStore) => Promise<T>): Promise<T | undefined> {
		if (!this.#store) return this.#refuse({ kind: 'signed-out' });
		this.#problem = { kind: 'none' };
		try {
			return await work(await this.#store);
		} catch (error) {
			return this.#refuse(problemOf(error));
		}
	}
}

async function ownDevice(store: RoomStore): Promise<IdentityRow> {
	const known = await store.identity();
	return known ?? store.setIdentity({ account: store.account, ...(await newDevice()) });
}
