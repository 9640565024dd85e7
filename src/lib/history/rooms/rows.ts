import type { Footing, Time } from '#lib/message/message.ts';

/** What this device keeps of rooms. Ids, keys and hashes are base64url. */

/** A device of a member, as the room's log tells of it. */
export interface KnownDevice {
	account: string;
	/** The account's name, as the device itself said it. */
	name: string;
	/** X25519; empty until it has introduced itself. */
	agreement: string;
	/** The epoch under which it introduced itself last; -1 before that. */
	introduced: number;
	/** The last epoch whose key it has; -1 when that is not known. */
	has: number;
	/** Its last envelope. */
	count: number;
	hash: string;
}

/** What the log has said so far about devices and keys. */
export interface Book {
	epoch: number;
	/** By their Ed25519 keys. */
	devices: Record<string, KnownDevice>;
	/** Accounts that were left out at the last changes of the key. */
	gone: string[];
	/** How far each account has seen. */
	seen: Record<string, number>;
}

/** A device that has taken an answer on. */
export interface Claim {
	id: string;
	/** Its Ed25519 key. */
	device: string;
	account: string;
}

/** How an answer of the model stands, as the log tells. */
export interface Job {
	/** The account that asked. */
	asker: string;
	/** The one that lives. */
	claim: Claim | null;
	/** How many have been taken so far. */
	claims: number;
	state: 'open' | 'stopping' | 'over';
}

/** What a room's log says about its model, apart from the answers themselves. */
export interface Assistance {
	/** The devices that offer their model, by their Ed25519 keys. */
	offers: Record<string, { account: string; model: string }>;
	/** Who wished last that every message is answered, or that it is not; one for each account, the latest last. */
	wishes: { account: string; every: boolean }[];
	/** The ids of the answers that are not over, oldest first. */
	open: string[];
}

/** What made an answer, as its host says. */
export interface Made {
	model: string;
	engine: string;
	/** Null where it came to no words. */
	settings: MadeSettings | null;
	ending: 'end' | 'length' | 'stopped' | 'failed';
	failure: { kind: string; detail: string } | null;
}

export interface MadeSettings {
	temperature: number;
	topP: number;
	maxTokens: number;
	presencePenalty: number;
	frequencyPenalty: number;
	seed: number;
}

export interface RoomMemberRow {
	account: string;
	name: string;
	role: 'owner' | 'member';
}

export type EndedWhy = 'left' | 'removed' | 'closed' | 'unknown';

export interface RoomRow {
	id: string;
	/** Whose membership it is; with `id` the primary key. */
	account: string;
	access: 'private' | 'open';
	role: 'owner' | 'member';
	createdAt: Time;
	title: string | null;
	/** The number of the last event that was taken in. */
	cursor: number;
	book: Book;
	assistance: Assistance;
	members: RoomMemberRow[];
	/** The number up to which the person here has seen. */
	read: number;
	unread: number;
	mention: boolean;
	last: { ref: string; author: string; text: string; at: Time } | null;
	/** By the clock here or of the last event; for the order of the list. */
	activeAt: Time;
	ended: EndedWhy | null;
	/** The server's last number, where that is less than `cursor`. */
	rolledBack: number | null;
	/** The version of what read the log. */
	version: number;
}

export interface RoomKeyRow {
	room: string;
	epoch: number;
	/** 32 bytes. */
	secret: Uint8Array<ArrayBuffer>;
}

/** This browser as one of an account's devices. The private keys cannot be read out. */
export interface IdentityRow {
	account: string;
	id: Uint8Array<ArrayBuffer>;
	sign: CryptoKey;
	agreement: Uint8Array<ArrayBuffer>;
	agree: CryptoKey;
}

interface EntryBase {
	account: string;
	room: string;
	seq: number;
	/** The operation's place in its event; -1 for what is said about the event itself. */
	index: number;
	at: Time;
	author: string;
}

export type RefusedWhy = 'forged' | 'altered' | 'replayed' | 'forked' | 'malformed' | 'stale';

export type RoomNoticeRow =
	| { t: 'joined' }
	| { t: 'device' }
	| { t: 'renamed'; title: string }
	| { t: 'key-changed'; gone: string[] }
	| { t: 'gap'; count: number };

/** One thing in a room's conversation. */
export type EntryRow = EntryBase &
	(
		| {
				kind: 'message';
				/** "author:id", by which others name it. */
				ref: string;
				text: string;
				edited: boolean;
				reply: string | null;
				mentions: string[];
				/** Accounts by emoji. */
				reactions: Record<string, string[]>;
		  }
		| {
				/** The model's, asked for by the message before it. */
				kind: 'answer';
				ref: string;
				text: string;
				job: Job;
				/** Once it is over; null where that was before a word of it. */
				made: Made | null;
				reactions: Record<string, string[]>;
		  }
		| { kind: 'removed'; ref: string }
		| { kind: 'notice'; notice: RoomNoticeRow }
		| { kind: 'refused'; why: RefusedWhy }
		| { kind: 'unreadable' }
		| { kind: 'unknown' }
		| { kind: 'erased' }
	);

/** Something said here that the log does not show yet. `op` is the room's own; the history only keeps it. */
export interface OutboxRow {
	account: string;
	room: string;
	/** Its place in what waits. */
	n: number;
	at: Time;
	op: unknown;
}

/** The one envelope of a room that is under way: sealed once, and sent again as it is. */
export interface FlightRow {
	account: string;
	room: string;
	id: string;
	body: string;
	/** What it says of the outbox. */
	ns: number[];
}

/** One line of a room's talk as the model is given it; the name is null for the model's own. */
export interface TalkLine {
	name: string | null;
	text: string;
}

/** An answer that this device has taken on for a room: written by its one engine, among the private ones. */
export interface RoomJobRow {
	/** The claim's. */
	id: string;
	account: string;
	room: string;
	ask: string;
	since: Time;
	/** The model that was in use when it was taken on. */
	model: string;
	/** The talk up to the message that asks, which is last. */
	talk: TalkLine[];
	/** As far as it is written and saved. */
	text: string;
	/** Somebody who may has asked for its end. */
	stop: boolean;
	state:
		| { kind: 'queued' }
		/** As of an answer of one's own: on this footing since a word came last, and how long it was then. */
		| { kind: 'writing'; by: string; attempts: number; from?: number; footing?: Footing }
		/** To be told to the room. */
		| { kind: 'ended'; made: Made };
}
