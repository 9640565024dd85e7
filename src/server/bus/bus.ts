import type { EndedCode, WireEvent, WireId } from '#lib/wire/frames.ts';

/**
 * What server processes tell each other. It is a hint only: one that is lost is made good from the log
 * and the database.
 */
export type BusMessage = RoomMessage | Revoked;

/** What only those processes hear that attend the room. */
export type RoomMessage =
	/** Events of one room, in order and without a gap, on disk. */
	| { kind: 'committed'; room: WireId; events: WireEvent[] }
	| { kind: 'signal'; room: WireId; from: WireId; connection: WireId; n: number; body: string }
	/** Members, roles or invites of a room changed. */
	| { kind: 'changed'; room: WireId }
	/** An account, or everybody (null), is out of a room. */
	| { kind: 'ended'; room: WireId; account: WireId | null; code: EndedCode }
	/** Accounts that have a room open at one process; it may ask the others for theirs. */
	| { kind: 'here'; room: WireId; process: WireId; accounts: WireId[]; ask: boolean };

/** Sessions of an account ended: one, or all but one. */
export interface Revoked {
	kind: 'revoked';
	account: WireId;
	sessions: { only: string } | { allBut: string | null };
}

/**
 * Fan-out between server processes, and within one. Messages of one publisher arrive in its order.
 * `tests/contract/bus-contract.ts` defines what an implementation promises.
 */
export interface Bus {
	/** This process' own listeners hear it before the call returns, the others' soon, or never. */
	publish(message: BusMessage): void;
	/** @returns what ends the subscription */
	subscribe(listener: (message: BusMessage) => void): () => void;
	/** From soon on hears what other processes say of a room; `onGap` tells from when. */
	attend(room: WireId): void;
	leave(room: WireId): void;
	/**
	 * Calls back when what others said before may have been missed, of one attended room or of all (null).
	 * @returns what ends it
	 */
	onGap(listener: (room: WireId | null) => void): () => void;
	close(): Promise<void>;
}
