import type { WireId } from '#lib/wire/frames.ts';

export type Role = 'owner' | 'member';

/**
 * Who may come in. Of a private room the server knows no name; an open one is listed, and its owner
 * publishes its name and its key: whoever runs the server can read it.
 */
export type Access = { kind: 'private' } | { kind: 'open'; name: string; key: string };

export interface Room {
	id: WireId;
	access: Access;
	/** Milliseconds since the epoch. */
	createdAt: number;
}

export interface Member {
	account: WireId;
	name: string;
	role: Role;
	joinedAt: number;
}

/** A room as one of its members sees it. */
export interface MyRoom extends Room {
	role: Role;
}

export interface OpenRoom {
	id: WireId;
	name: string;
	key: string;
	members: number;
}

export interface Invite {
	/** Hash of the code that the link carries. */
	codeHash: string;
	room: WireId;
	expiresAt: number;
	/** How many may still come in by it. */
	uses: number;
}

export interface Join {
	room: WireId;
	account: WireId;
	at: number;
	/** Hash of an invite's code, or null: then the room has to be open. */
	codeHash: string | null;
	/** Most members of a room, and most rooms of an account. */
	most: { members: number; rooms: number };
}

export type Joined = 'joined' | 'already-member' | 'not-found' | 'banned' | 'room-full' | 'too-many-rooms';

/** An account that has a room open somewhere. */
export interface Place {
	room: WireId;
	account: WireId;
}

/** One that may have it open no more, or nobody may: the room is closed. */
export interface Outsider extends Place {
	closed: boolean;
}

/** What became of a room that somebody left: it closes behind the last one. */
export type Left = 'left' | 'closed' | 'last-owner' | 'not-found';

/** Where rooms and who is in them are kept. Each call is atomic and on disk when it resolves. */
export interface RoomStore {
	/** "name-taken" also stands for an id that is. */
	create(room: Room, owner: WireId, mostRooms: number): Promise<'created' | 'name-taken' | 'too-many-rooms'>;
	room(room: WireId): Promise<Room | null>;
	role(room: WireId, account: WireId): Promise<Role | null>;
	/** Those of the places whose account is no member of the room. */
	outsiders(places: readonly Place[]): Promise<Outsider[]>;
	members(room: WireId): Promise<Member[]>;
	/** Newest first. */
	mine(account: WireId): Promise<MyRoom[]>;
	/** Open rooms that the account is not in and may join, by name; `search` is part of a name. */
	open(account: WireId, search: string, most: number): Promise<OpenRoom[]>;
	join(join: Join): Promise<Joined>;
	/** @param succeed whether the longest-standing member becomes owner when the last owner goes */
	leave(room: WireId, account: WireId, succeed: boolean): Promise<Left>;
	/** Takes a member out for good: all invites end, and an open room lets them in no more. */
	ban(room: WireId, account: WireId): Promise<boolean>;
	/** @returns false when they are no member; "last-owner" when nobody would own the room */
	setRole(room: WireId, account: WireId, role: Role): Promise<boolean | 'last-owner'>;
	/** @returns false when the room has `most` invites that still live at `now` */
	invite(invite: Invite, now: number, most: number): Promise<boolean>;
	endInvites(room: WireId): Promise<void>;
	/** Removes the room with its members and invites. */
	remove(room: WireId): Promise<void>;
}
