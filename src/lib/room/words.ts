import type { EndedWhy, Made, RefusedWhy } from '#lib/history/rooms/rows.ts';
import type { HistoryError } from '#lib/message/errors.ts';
import type { Time } from '#lib/message/message.ts';
import type { ApiError, Role } from './api-error.ts';
import type { MessageRef } from './payload.ts';
export type { EndedWhy, Made, MessageRef, RefusedWhy, Role };

/** The words in which the rooms tell a page how things are; the sentences are in `i18n`. */

export interface RoomSession {
	account: string;
	name: string;
	token: string;
}

/** The connection of this device, whichever tab holds it. */
export type RoomsState =
	| { kind: 'signed-out' }
	/** The server does not take the token any more. */
	| { kind: 'refused' }
	/** The server speaks another version of the protocol. */
	| { kind: 'outdated' }
	| { kind: 'connecting' }
	| { kind: 'online' }
	/** Everything but other people's news works. */
	| { kind: 'offline'; retryAt: Time }
	/** The person has forbidden the network on this device. */
	| { kind: 'forbidden' }
	| { kind: 'failed'; error: HistoryError };

export interface RoomSummary {
	id: string;
	/** Null while it is not known here. */
	title: string | null;
	access: 'private' | 'open';
	/** Messages by others that were not seen, at most 999. */
	unread: number;
	/** Whether one of them names the person here. */
	mention: boolean;
	last: { author: string; text: string; at: Time } | null;
	/** Without a key a room can only be opened by its link or by a backup of keys. */
	hasKey: boolean;
	ended: EndedWhy | null;
	/** What was said here and is not on the server yet. */
	pending: number;
}

/** What stands in the way of what a person just tried. */
export type RoomProblem =
	| { kind: 'none' }
	| { kind: 'empty' }
	| { kind: 'too-long'; length: number; limit: number }
	| { kind: 'bad-title' }
	| { kind: 'bad-link'; why: 'malformed' | 'version' | 'not-a-link' | 'old' }
	| { kind: 'bad-backup'; why: 'passphrase' | 'malformed' | 'version' }
	| { kind: 'no-key' }
	/** There is none to be offered. */
	| { kind: 'no-model' }
	| { kind: 'signed-out' }
	| { kind: 'api'; error: ApiError }
	| { kind: 'history'; error: HistoryError };

/** A message that came while the app is open, or what became of the model's answer to the person here. */
export type RoomNews = { room: string; title: string | null } & (
	| { kind: 'message'; author: string; text: string; mention: boolean }
	| { kind: 'answer'; text: string }
	| { kind: 'unanswered' | 'stopped' }
);

export type NewRoom = { access: 'private' | 'open'; title: string };

export interface OpenRoomOffer {
	id: string;
	name: string;
	key: string;
}

export type RoomState =
	| { kind: 'loading' }
	| { kind: 'missing' }
	| { kind: 'no-key' }
	| { kind: 'open'; level: boolean }
	/** The key was changed and this device was not given the new one. */
	| { kind: 'locked' }
	| { kind: 'ended'; why: EndedWhy }
	/** The server has less than this device has seen. */
	| { kind: 'rolled-back'; here: number; server: number }
	| { kind: 'failed'; error: HistoryError };

export interface RoomMember {
	account: string;
	name: string;
	role: Role;
	me: boolean;
	here: boolean;
	/** How many of their devices have introduced themselves. */
	devices: number;
	/** The models that their devices offer. */
	offers: string[];
}

export type Delivery = { kind: 'pending' } | { kind: 'sent' } | { kind: 'seen'; by: string[] };

export interface Reaction {
	emoji: string;
	by: string[];
	mine: boolean;
}

interface ItemBase {
	/** The same from pending to sent, and for as long as the item lives. */
	key: string;
	/** For people: order is the list's alone. */
	at: Time;
}

export interface MessageItem extends ItemBase {
	kind: 'message';
	ref: MessageRef;
	author: string;
	name: string;
	mine: boolean;
	text: string;
	/** Null while it is pending. */
	seq: number | null;
	delivery: Delivery;
	edited: boolean;
	/** `text` is null where the message is not here, or was removed. */
	reply: { ref: MessageRef; name: string | null; text: string | null } | null;
	reactions: Reaction[];
	mentionsMe: boolean;
}

/** Who writes an answer of the model, or wrote it. */
export interface AnswerHost {
	account: string;
	name: string;
	mine: boolean;
}

/** How an answer of the model stands. */
export type AnswerStanding =
	/** Nobody has taken it on yet. */
	| { kind: 'waiting' }
	| { kind: 'writing'; host: AnswerHost }
	/** Its end was asked for. */
	| { kind: 'stopping'; host: AnswerHost | null }
	/** It ended before anybody had written a word. */
	| { kind: 'none' }
	| { kind: 'over'; host: AnswerHost; made: Made };

export interface AnswerItem extends ItemBase {
	kind: 'answer';
	ref: MessageRef;
	/** The message that it answers; by it the text is found that is being written. */
	ask: string;
	seq: number;
	standing: AnswerStanding;
	/** Whether the person here may end it. */
	mayStop: boolean;
	text: string;
	reactions: Reaction[];
}

/** One thing of a room's conversation. */
export type RoomItem =
	| MessageItem
	| AnswerItem
	| (ItemBase & { kind: 'removed'; author: string; name: string; mine: boolean; seq: number | null })
	| (ItemBase & { kind: 'notice'; seq: number | null; notice: RoomNotice })
	| (ItemBase & { kind: 'refused'; seq: number; author: string; name: string; why: RefusedWhy })
	/** `count` in a row. */
	| (ItemBase & { kind: 'unreadable'; seq: number; count: number })
	| (ItemBase & { kind: 'unknown'; seq: number; author: string; name: string })
	| (ItemBase & { kind: 'erased'; seq: number });

export type RoomNotice =
	| { kind: 'joined'; name: string; account: string }
	| { kind: 'device'; name: string; account: string }
	| { kind: 'renamed'; name: string; title: string }
	| { kind: 'key-changed'; name: string; removed: string[] }
	| { kind: 'gap'; name: string; count: number };

export interface InviteLink {
	url: string;
	/** Null for an open room. */
	good: { uses: number; until: Time } | null;
}
