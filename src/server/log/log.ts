import type { WireEvent, WireId } from '#lib/wire/frames.ts';

/** An event before it has a number. */
export interface NewEvent {
	room: WireId;
	/** The account that sends it. */
	from: WireId;
	/** The name its client gave it. */
	id: WireId;
	/** Sealed, base64url. */
	body: string;
}

export interface Appended {
	seq: number;
	/** Milliseconds since the epoch, by the log's clock, at the first time it was stored. */
	at: number;
	/** False when the log already held it: nothing is to be sent on. */
	fresh: boolean;
}

export interface PageLimit {
	events: number;
	/** Characters of bodies; the first event is given whatever its size. */
	chars: number;
}

/**
 * Why nothing was stored. All but "closed" (the room was dropped) are passing states: the same event may be
 * sent again. A database at the other end of a broken connection may yet have stored it: sent again, it is
 * then not fresh.
 */
export type LogErrorKind = 'full' | 'busy' | 'unavailable' | 'closed';

export class LogError extends Error {
	override readonly name = 'LogError';
	readonly kind: LogErrorKind;

	constructor(kind: LogErrorKind, options?: ErrorOptions) {
		super(`the log is ${kind}`, options);
		this.kind = kind;
	}
}

/**
 * The durable order of all rooms. `tests/contract/room-log-contract.ts` defines what an implementation promises.
 * It checks no rights and knows no rooms but by their events.
 */
export interface RoomLog {
	/**
	 * Stores an event under its room's next number, once for each (room, from, id), and resolves when it is on disk.
	 * Events are numbered in the order of the calls, and their promises settle in that order.
	 * @throws LogError when nothing was stored
	 */
	append(event: NewEvent): Promise<Appended>;
	/** A room's events after a number, in order; empty when there are no more. */
	read(room: WireId, after: number, limit: PageLimit): Promise<WireEvent[]>;
	/** A room's last number, 0 when it has no events. */
	head(room: WireId): Promise<number>;
	/** The last numbers of several rooms; one that has no events may be left out. */
	heads(rooms: readonly WireId[]): Promise<Map<WireId, number>>;
	/** Forgets all that was in a room, also what was appended in the same turn, and lets nothing in any more. */
	drop(room: WireId): Promise<void>;
	/** Empties the bodies of all that an account wrote, also in the same turn; the numbers stay. */
	erase(from: WireId): Promise<void>;
	/** Resolves once the log can store and read. @throws LogError */
	check(): Promise<void>;
	/** Settles what was accepted, then closes. */
	close(): Promise<void>;
}
