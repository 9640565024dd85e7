import type { WireId } from '#lib/wire/frames.ts';
import type { Time } from '#lib/message/message.ts';

export type Role = 'owner' | 'member';

/** Who may come in. The server knows no name of a private room; of an open one it knows the name and the key. */
export type RoomAccess = { kind: 'private' } | { kind: 'open'; name: string; key: string };

/** A room as the server tells it to a member. */
export interface ApiRoom {
	id: WireId;
	access: RoomAccess;
	role: Role;
	createdAt: Time;
}

export interface ApiMember {
	account: WireId;
	name: string;
	role: Role;
	joinedAt: Time;
}

/** What the rooms ask of the server over HTTP, as whoever is signed in. Every method rejects with an ApiError. */
export interface RoomApi {
	rooms(): Promise<ApiRoom[]>;
	members(room: WireId): Promise<ApiMember[]>;
	/** @param id 128 random bits of the caller's making */
	create(access: RoomAccess, id: WireId): Promise<ApiRoom>;
	/** @param invite the code of a link, or null for an open room */
	join(room: WireId, invite: string | null): Promise<ApiRoom>;
	/** Takes an account out: oneself is leaving, another is removing. */
	remove(room: WireId, account: WireId): Promise<void>;
	setRole(room: WireId, account: WireId, role: Role): Promise<void>;
	/** @param life seconds */
	invite(room: WireId, uses: number, life: number): Promise<{ code: string; uses: number; expiresAt: Time }>;
	endInvites(room: WireId): Promise<void>;
	/** Closes a room for everybody. */
	close(room: WireId): Promise<void>;
}

/**
 * Why the server did not do what it was asked. "offline" is no answer at all, "no-network" that
 * the person has forbidden to ask, "answer" one that is not of the
 * API, "invalid" a field that is not as it should be, "server" a fault of its own; the others are its refusals.
 */
export type ApiErrorKind =
	| 'offline'
	| 'no-network'
	| 'answer'
	| 'server'
	| 'invalid'
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
	| 'busy'
	| 'storage-full';

export interface FieldFault {
	field: string;
	message: string;
}

export class ApiError extends Error {
	override readonly name = 'ApiError';
	readonly kind: ApiErrorKind;
	/** Milliseconds to wait before another try; 0 where waiting does not help. */
	readonly wait: number;
	/** What is wrong field by field, where the server said so. */
	readonly fields: readonly FieldFault[];

	constructor(
		kind: ApiErrorKind,
		{
			wait = 0,
			fields = [],
			...options
		}: ErrorOptions & { wait?: number; fields?: readonly FieldFault[] } = {}
	) {
		super(`the server refused: ${kind}`, options);
		this.kind = kind;
		this.wait = wait;
		this.fields = fields;
	}
}
