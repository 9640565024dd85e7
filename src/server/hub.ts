import type { WireId } from '#lib/wire/frames.ts';
import type { Bus, BusMessage } from './bus/bus.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './hub/connection.ts';
import { frameText } from './hub/frames.ts';
import { LiveRoom, type Subscription } from './hub/room.ts';
import { Turn } from './hub/turn.ts';
import type { Appended, NewEvent, RoomLog } from './log/log.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { newId } from './random.ts';
import { RateLimiter, type Rate } from './rate.ts';
import type { Outsider, Place } from './rooms/store.ts';

export interface HubLimits {
	/** Durable events of one account. */
	sends: Rate;
	/** Signals of one account. */
	signals: Rate;
}

export const DEFAULT_HUB_LIMITS: HubLimits = {
	sends: { burst: 1_500, every: 20 },
	signals: { burst: 200, every: 20 }
};

interface Parts {
	log: RoomLog;
	bus: Bus;
	clock: Clock;
	logger: Logger;
	metrics: Metrics;
	limits: HubLimits;
	isMember: (account: WireId, room: WireId) => Promise<boolean>;
	/** Those of the places whose account is no member of the room. */
	outsiders: (places: readonly Place[]) => Promise<Outsider[]>;
	/** Those of the sessions that are there no more. */
	endedSessions: (sessions: readonly WireId[]) => Promise<WireId[]>;
	/** Milliseconds between two looks for what other processes did and could not tell; null when there are none. */
	lookEvery: number | null;
}

/** Rooms that are asked for at once. */
const ROOMS_AT_ONCE = 500;
/** Milliseconds that a hint may be late before the log is asked instead. */
const PATIENCE = 1_000;

/** Who has which room open in this process, and how what is committed gets to them. */
export class Hub {
	readonly log: RoomLog;
	readonly turn = new Turn();
	readonly sends: RateLimiter;
	readonly signals: RateLimiter;
	readonly #parts: Parts;
	readonly #rooms = new Map<WireId, LiveRoom>();
	readonly #connections = new Map<WireId, Set<Connection>>();
	readonly #ends: (() => void)[];
	readonly #process = newId();
	readonly #counted;
	#endLook: () => void = () => undefined;

	/** Told when a connection has to go: its token was revoked, or something failed. */
	onKick: (connection: Connection, why: 'token' | 'failed') => void = () => undefined;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.log = parts.log;
		this.sends = new RateLimiter(parts.limits.sends, parts.clock.now);
		this.signals = new RateLimiter(parts.limits.signals, parts.clock.now);
		const { bus } = parts;
		this.#ends = [bus.subscribe((message) => this.#hear(message)), bus.onGap((room) => this.#missed(room))];
		this.#lookLater();
		const { metrics } = parts;
		metrics.gauge('alcove_rooms_open', 'Rooms that somebody has open here.', () => this.#rooms.size);
		this.#counted = {
			stored: metrics.counter('alcove_events_stored_total', 'Events stored.'),
			repeated: metrics.counter('alcove_events_repeated_total', 'Events that were stored already.'),
			refused: metrics.counter('alcove_events_refused_total', 'Events that could not be stored.')
		};
	}

	add(connection: Connection): void {
		const mine = this.#connections.get(connection.account) ?? new Set();
		this.#connections.set(connection.account, mine.add(connection));
	}

	remove(connection: Connection): void {
		connection.end();
		const mine = this.#connections.get(connection.account);
		mine?.delete(connection);
		if (mine?.size === 0) this.#connections.delete(connection.account);
	}

	/** Puts a connection at a room's door. */
	join(id: WireId, connection: Connection): Subscription {
		const room = this.#rooms.get(id) ?? this.#newRoom(id);
		const subscription: Subscription = { room, connection, place: { kind: 'asking' } };
		room.add(subscription);
		return subscription;
	}

	/** @returns how far the room's log goes, or null when the account is not in it */
	async admit({ room, connection }: Subscription): Promise<number | null> {
		if (!(await this.#parts.isMember(connection.account, room.id))) return null;
		const head = await this.log.head(room.id);
		if (head > room.head) room.advance(head, PATIENCE);
		return room.head;
	}

	leave(subscription: Subscription): void {
		const { room } = subscription;
		room.remove(subscription);
		if (!room.isEmpty || this.#rooms.get(room.id) !== room) return;
		this.#rooms.delete(room.id);
		room.tellHere(false);
		this.#parts.bus.leave(room.id);
	}

	/** Stores an event; once it is on disk, all members hear of it. @throws LogError */
	async append(event: NewEvent): Promise<Appended> {
		try {
			const appended = await this.log.append(event);
			this.#counted[appended.fresh ? 'stored' : 'repeated'].add();
			const { room, from, id, body } = event;
			const { seq, at } = appended;
			// stored, but nobody was told: whoever stored it, maybe we, did not live to hear that it was
			const unheard = seq > (this.#rooms.get(room)?.head ?? seq);
			if (appended.fresh || unheard) {
				this.#parts.bus.publish({ kind: 'committed', room, events: [{ seq, id, from, at, body }] });
			}
			return appended;
		} catch (error) {
			this.#counted.refused.add();
			this.#parts.logger.error('not stored', { error });
			throw error;
		}
	}

	signal(signal: { room: WireId; from: WireId; connection: WireId; n: number; body: string }): void {
		this.#parts.bus.publish({ kind: 'signal', ...signal });
	}

	/** Something went wrong for a connection: it has to come again, and catches up then. */
	failed(connection: Connection, error: unknown): void {
		this.#parts.logger.error('connection failed', { error });
		this.onKick(connection, 'failed');
	}

	close(): void {
		this.turn.flush();
		this.#endLook();
		for (const end of this.#ends) end();
	}

	#newRoom(id: WireId): LiveRoom {
		const { clock, bus } = this.#parts;
		const room = new LiveRoom(id, this.turn, clock, (accounts, ask) => {
			bus.publish({ kind: 'here', room: id, process: this.#process, accounts, ask });
		});
		this.#rooms.set(id, room);
		bus.attend(id);
		return room;
	}

	/** The bus lost what others said of one room, or of all. */
	#missed(id: WireId | null): void {
		const rooms = [...this.#rooms.values()].filter((room) => id === null || room.id === id);
		for (const room of rooms) {
			room.tellHere(true);
			if (id === null) room.changed();
		}
		this.#look(rooms, 0).catch((error: unknown) => this.#parts.logger.error('look failed', { error }));
	}

	/** Looks once in a while: who wrote something may have died, or lost its bus, before it could say so. */
	#lookLater(): void {
		const { lookEvery, clock, logger } = this.#parts;
		if (lookEvery === null) return;
		this.#endLook = clock.after(lookEvery, () => {
			for (const room of this.#rooms.values()) room.refreshHere();
			this.#look([...this.#rooms.values()], PATIENCE)
				.catch((error: unknown) => logger.error('look failed', { error }))
				.finally(() => this.#lookLater());
		});
	}

	/** Asks log and database for all that a hint would have said. */
	async #look(rooms: readonly LiveRoom[], patience: number): Promise<void> {
		for (let from = 0; from < rooms.length; from += ROOMS_AT_ONCE) {
			const some = rooms.slice(from, from + ROOMS_AT_ONCE);
			const heads = await this.log.heads(some.map(({ id }) => id));
			for (const room of some) room.advance(heads.get(room.id) ?? 0, patience);
			const places = some.flatMap(({ id, accounts }) => accounts.map((account) => ({ room: id, account })));
			for (const { room, account, closed } of await this.#parts.outsiders(places)) {
				this.#rooms.get(room)?.end(account, closed ? 'closed' : 'removed');
			}
		}
		const connections = [...this.#connections.values()].flatMap((mine) => [...mine]);
		const ended = new Set(await this.#parts.endedSessions(connections.map(({ session }) => session.id)));
		for (const connection of connections) {
			if (ended.has(connection.session.id)) this.onKick(connection, 'token');
		}
	}

	#hear(message: BusMessage): void {
		if (message.kind === 'revoked') return this.#revoke(message);
		const room = this.#rooms.get(message.room);
		if (!room) return;
		switch (message.kind) {
			case 'committed':
				return room.committed(message.events);
			case 'signal': {
				const { room: id, from, connection, n, body } = message;
				return room.signal(frameText({ t: 'signal', room: id, from, connection, n, body }), connection);
			}
			case 'changed':
				return room.changed();
			case 'ended':
				return room.end(message.account, message.code);
			case 'here':
				if (message.process === this.#process) return;
				room.here(message.process, message.accounts);
				if (message.ask) room.tellHere(false);
		}
	}

	#revoke({ account, sessions }: BusMessage & { kind: 'revoked' }): void {
		for (const connection of [...(this.#connections.get(account) ?? [])]) {
			const { id } = connection.session;
			const hit = 'only' in sessions ? id === sessions.only : id !== sessions.allBut;
			if (hit) this.onKick(connection, 'token');
		}
	}
}
