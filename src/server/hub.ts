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
import { RateLimiter, type Rate } from './rate.ts';

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
}

/** Who has which room open in this process, and how what is committed gets to them. */
export class Hub {
	readonly log: RoomLog;
	readonly turn = new Turn();
	readonly sends: RateLimiter;
	readonly signals: RateLimiter;
	readonly #parts: Parts;
	readonly #rooms = new Map<WireId, LiveRoom>();
	readonly #connections = new Map<WireId, Set<Connection>>();
	readonly #endBus: () => void;
	readonly #counted;

	/** Told when a connection has to go: its token was revoked, or something failed. */
	onKick: (connection: Connection, why: 'token' | 'failed') => void = () => undefined;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.log = parts.log;
		this.sends = new RateLimiter(parts.limits.sends, parts.clock.now);
		this.signals = new RateLimiter(parts.limits.signals, parts.clock.now);
		this.#endBus = parts.bus.subscribe((message) => this.#hear(message));
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
		const room = this.#rooms.get(id) ?? new LiveRoom(id, this.turn, this.#parts.clock);
		this.#rooms.set(id, room);
		const subscription: Subscription = { room, connection, place: { kind: 'asking' } };
		room.add(subscription);
		return subscription;
	}

	/** @returns how far the room's log goes, or null when the account is not in it */
	async admit({ room, connection }: Subscription): Promise<number | null> {
		if (!(await this.#parts.isMember(connection.account, room.id))) return null;
		room.head = Math.max(room.head, await this.log.head(room.id));
		return room.head;
	}

	leave(subscription: Subscription): void {
		const { room } = subscription;
		room.remove(subscription);
		if (room.isEmpty && this.#rooms.get(room.id) === room) this.#rooms.delete(room.id);
	}

	/** Stores an event; once it is on disk, all members hear of it. @throws LogError */
	async append(event: NewEvent): Promise<Appended> {
		try {
			const appended = await this.log.append(event);
			this.#counted[appended.fresh ? 'stored' : 'repeated'].add();
			if (appended.fresh) {
				const { room, from, id, body } = event;
				const { seq, at } = appended;
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
		this.#endBus();
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
