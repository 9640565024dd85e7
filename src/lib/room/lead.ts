import type { RoomRow } from '#lib/history/rooms/rows.ts';
import type { RoomStore } from '#lib/history/rooms/store.ts';
import { Link, type Clock, type LinkState, type Socket } from '#lib/link/link.ts';
import type { Device } from '#lib/seal/device.ts';
import type { Check } from '#lib/seal/device-keys.ts';
import type { Random } from '#lib/seal/keys.ts';
import type { ServerFrame } from '#lib/wire/frames.ts';
import { ApiError, type RoomApi } from './api-error.ts';
import type { RoomEngine } from './assist.ts';
import type { News } from './fold.ts';
import { holders } from './outgoing.ts';
import { RoomSync, type RoomLive } from './room-sync.ts';
import { newRow } from './rows.ts';

/** Everything that the leading tab tells the others. */
export interface LeadLive {
	link: LinkState;
	rooms: Record<string, RoomLive>;
}

export interface LeadEnvironment {
	store: RoomStore;
	api: RoomApi;
	connect(): Socket;
	forbidden?(): boolean;
	clock: Clock;
	/** A number in [0, 1), for the pace of reconnecting. */
	chance(): number;
	random: Random;
	/** Checks signatures elsewhere than in this thread. */
	check?: Check | undefined;
	engine: RoomEngine;
	device: Device;
	session: { account: string; name: string; token: string };
	report(error: unknown): void;
	/** What `live` gives has changed. */
	changed(live: LeadLive): void;
	news(room: string, title: string | null, news: News[]): void;
}

/** How many rooms' members are asked for at once. */
const ASKING = 4;

/** The one tab that talks to the server: a link, and a sync for each room whose key is here. */
export class Lead {
	readonly #env: LeadEnvironment;
	readonly #link: Link;
	readonly #rooms = new Map<string, RoomSync>();
	readonly #ends: (() => void)[] = [];
	readonly #stale = new Set<string>();
	#asking = 0;
	#telling = false;
	#closed = false;

	constructor(env: LeadEnvironment) {
		this.#env = env;
		const { connect, forbidden, clock, chance, session } = env;
		this.#link = new Link(
			{ connect, ...(forbidden ? { forbidden } : {}), clock, random: chance, token: session.token },
			{ state: (state) => this.#linked(state), frames: (frames) => this.#receive(frames) }
		);
	}

	get live(): LeadLive {
		const rooms = [...this.#rooms].map(([id, { live }]) => [id, live] as const);
		return { link: this.#link.state, rooms: Object.fromEntries(rooms) };
	}

	start(): void {
		const { store, report } = this.#env;
		const rooms = store.live(async () => {
			const rows = await store.rooms();
			const keyed = new Set((await store.allKeys()).map(({ room }) => room));
			return rows.filter(({ id }) => keyed.has(id));
		});
		this.#ends.push(
			rooms.subscribe((rows) => this.#follow(rows), report),
			store
				.live(() => store.waiting())
				.subscribe((waiting) => {
					for (const id of waiting.keys()) this.#rooms.get(id)?.kick();
				}, report),
			store
				.live(() => store.jobs())
				.subscribe((jobs) => {
					for (const { room } of jobs) this.#rooms.get(room)?.worked();
				}, report)
		);
		this.#link.open();
	}

	nudge(): void {
		this.#link.nudge();
	}

	typing(room: string, on: boolean): void {
		this.#rooms.get(room)?.tell({ t: 'typing', on });
	}

	/** Ends the connection. Resolves when what was heard is written. */
	async close(): Promise<void> {
		this.#closed = true;
		for (const end of this.#ends.splice(0)) end();
		this.#link.close();
		for (const room of this.#rooms.values()) room.close();
		await Promise.all([...this.#rooms.values()].map(({ settled }) => settled));
	}

	#follow(rows: readonly RoomRow[]): void {
		for (const row of rows) {
			const known = this.#rooms.get(row.id);
			if (known) {
				known.noticed(row);
				continue;
			}
			const { store, clock, chance, random, check, engine, device, session, report, news } = this.#env;
			const sync = new RoomSync(row.id, {
				...{ store, clock, chance, random, check, engine, device, report, news },
				...{ link: this.#link, name: session.name },
				changed: () => this.#tell(),
				stale: (room) => this.#ask(room)
			});
			this.#rooms.set(row.id, sync);
			if (this.#link.state.kind === 'on') sync.open();
		}
		const here = new Set(rows.map(({ id }) => id));
		for (const [id, sync] of this.#rooms) {
			if (here.has(id)) continue;
			sync.close();
			this.#rooms.delete(id);
			this.#link.send({ t: 'close', room: id });
		}
		this.#tell();
	}

	#linked(state: LinkState): void {
		if (state.kind === 'on') {
			for (const room of this.#rooms.values()) room.open();
			this.#refresh().catch(this.#failed);
		} else for (const room of this.#rooms.values()) room.lost();
		this.#tell();
	}

	#receive(frames: readonly ServerFrame[]): void {
		for (const frame of frames) if ('room' in frame) this.#rooms.get(frame.room)?.receive(frame);
	}

	/** Takes in rooms that this account is in and that are not here yet; and what the server says of the others. */
	async #refresh(): Promise<void> {
		const { store, api } = this.#env;
		const rooms = await api.rooms();
		await store.change(async () => {
			for (const room of rooms) {
				const here = await store.room(room.id);
				if (!here) await store.putRoom(newRow(store.account, room));
				else if (here.role !== room.role || here.ended !== null)
					await store.putRoom({ ...here, role: room.role, ended: null });
			}
		});
	}

	/** Asks who is in a room, a few rooms at a time. */
	#ask(room: string): void {
		this.#stale.add(room);
		if (this.#asking >= ASKING) return;
		this.#asking++;
		void (async () => {
			for (const [next] of this.#stale.entries()) {
				this.#stale.delete(next);
				await this.#members(next).catch(this.#failed);
			}
			this.#asking--;
		})();
	}

	async #members(id: string): Promise<void> {
		const { store, api } = this.#env;
		const sync = this.#rooms.get(id);
		// whoever has the key now and is no member by the time of the answer has left
		const judge = sync?.judge;
		const before = judge ? holders(judge).map(([, { account }]) => account) : [];
		const members = await api.members(id);
		const inside = new Set(members.map(({ account }) => account));
		const gone = [...new Set(before)].filter((account) => !inside.has(account));
		await store.change(async () => {
			const row = await store.room(id);
			if (!row) return;
			const role = members.find(({ account }) => account === store.account)?.role ?? row.role;
			const known = members.map(({ account, name, role }) => ({ account, name, role }));
			await store.putRoom({ ...row, role, members: known });
			if (gone.length > 0 && role === 'owner' && row.access === 'private') await changeKey(store, id, gone);
		});
	}

	readonly #failed = (error: unknown) => {
		// who cannot be reached now is asked again when the link is back
		const passing =
			error instanceof ApiError &&
			['offline', 'no-network', 'busy', 'storage-full', 'rate', 'not-found', 'token'].includes(error.kind);
		if (!passing && !this.#closed) this.#env.report(error);
	};

	/** Once for all that a turn changed. */
	#tell(): void {
		if (this.#telling) return;
		this.#telling = true;
		queueMicrotask(() => {
			this.#telling = false;
			if (!this.#closed) this.#env.changed(this.live);
		});
	}
}

/** Has the key changed, so that some accounts do not get the next one. Within a transaction. */
export async function changeKey(store: RoomStore, room: string, gone: readonly string[]): Promise<void> {
	const epoch = (await store.room(room))?.book.epoch ?? 0;
	const wish = { t: 'rekey', gone, epoch };
	const waiting = await store.outbox(room);
	if (waiting.some(({ op }) => JSON.stringify(op) === JSON.stringify(wish))) return;
	await store.addToOutbox(room, wish);
	await store.addToOutbox(room, { t: 'share' });
}
