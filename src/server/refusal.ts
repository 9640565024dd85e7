/**
 * Why a request was refused. "not-found" also stands for "not yours": nobody learns what exists
 * from the difference.
 */
export type RefusalKind =
	| 'token'
	| 'credentials'
	| 'not-found'
	| 'not-owner'
	| 'banned'
	| 'name-taken'
	| 'already-member'
	| 'last-owner'
	| 'room-full'
	| 'too-many-rooms'
	| 'too-many-invites'
	| 'rate'
	| 'busy';

export class Refusal extends Error {
	override readonly name = 'Refusal';
	readonly kind: RefusalKind;
	/** Milliseconds to wait before the next try; 0 when waiting does not help. */
	readonly wait: number;

	constructor(kind: RefusalKind, wait = 0) {
		super(kind);
		this.kind = kind;
		this.wait = wait;
	}
}
