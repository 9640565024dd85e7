import type { EndedCode, WireEvent, WireId } from '#lib/wire/frames.ts';

/**
 * What server processes tell each other. It is a hint only: one that is lost is made good from the log
 * and the database.
 */
export type BusMessage =
	/** Events of one room, in order and without a gap, on disk. */
	| { kind: 'committed'; room: WireId; events: WireEvent[] }
	| { kind: 'signal'; room: WireId; from: WireId; connection: WireId; n: number; body: string }
	/** Members, roles or invites of a room changed. */
	| { kind: 'changed'; room: WireId }
	/** An account, or everybody (null), is out of a room. */
	| { kind: 'ended'; room: WireId; account: WireId | null; code: EndedCode }
	/** Sessions of an account ended: one, or all but one. */
	| { kind: 'revoked'; account: WireId; sessions: { only: string } | { allBut: string | null } };

/** Fan-out between server processes, and within one. Messages of one publisher arrive in its order. */
export interface Bus {
	publish(message: BusMessage): void;
	/** @returns what ends the subscription */
	subscribe(listener: (message: BusMessage) => void): () => void;
	close(): Promise<void>;
}
