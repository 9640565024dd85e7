/** The frames that a client and the sync server exchange. The rules are in SPEC.md, by number. */

export const WIRE_VERSION = 1;

/** The bounds of SPEC.md, shared by both sides. */
export const LIMITS = {
	/** Bytes of one WebSocket message. */
	messageBytes: 262_144,
	framesPerMessage: 64,
	/** Characters of a durable event's body. */
	bodyChars: 65_536,
	/** Characters of a signal's body. */
	signalChars: 16_384,
	/** Events of one page or `events` frame. */
	pageEvents: 256,
	/** Characters of bodies in one page; the first event is sent whatever its size. */
	pageChars: 131_072,
	openRooms: 256,
	/** Accounts that a presence frame lists. */
	roomMembers: 256
} as const;

/** 128 random bits as 22 characters of base64url. */
export type WireId = string;

/** One event as the log holds it. */
export interface WireEvent {
	/** Its place in the room, from 1 (S1). */
	seq: number;
	/** The name its client gave it (S3). */
	id: WireId;
	/** The account that sent it. */
	from: WireId;
	/** Milliseconds since the epoch by the server's clock, for people; order is by `seq` alone. */
	at: number;
	/** Sealed bytes in base64url; empty when its author erased it (S7). */
	body: string;
}

export type ClientFrame =
	| { t: 'hello'; v: number; token: string }
	| { t: 'open'; room: WireId; after: number }
	| { t: 'close'; room: WireId }
	| { t: 'read'; room: WireId; after: number; limit: number }
	| { t: 'send'; room: WireId; id: WireId; body: string }
	| { t: 'signal'; room: WireId; n: number; body: string }
	| { t: 'ping'; n: number };

export const NACK_CODES = ['unknown', 'rate', 'busy', 'full'] as const;
export type NackCode = (typeof NACK_CODES)[number];

export const ENDED_CODES = ['unknown', 'left', 'removed', 'closed', 'limit'] as const;
export type EndedCode = (typeof ENDED_CODES)[number];

export const FAULT_CODES = ['bad-message', 'version', 'token', 'late', 'stopping'] as const;
export type FaultCode = (typeof FAULT_CODES)[number];

/** Why a server closed, as the WebSocket's close code. 1007 and 1009 come from the transport itself. */
export const CLOSE_CODES = {
	'bad-message': 4400,
	token: 4401,
	late: 4408,
	version: 4426,
	stopping: 1001
} as const satisfies Record<FaultCode, number>;

export type ServerFrame =
	| { t: 'welcome'; v: number; account: WireId; connection: WireId; heartbeat: number }
	| { t: 'events'; room: WireId; events: WireEvent[] }
	| { t: 'level'; room: WireId; seq: number }
	| { t: 'page'; room: WireId; after: number; head: number; events: WireEvent[] }
	| { t: 'ack'; room: WireId; id: WireId; seq: number; at: number }
	| { t: 'nack'; room: WireId; id: WireId; code: NackCode; wait: number }
	| { t: 'ended'; room: WireId; code: EndedCode }
	| { t: 'changed'; room: WireId }
	| { t: 'presence'; room: WireId; n: number; here: WireId[] }
	| { t: 'signal'; room: WireId; from: WireId; connection: WireId; n: number; body: string }
	| { t: 'pong'; n: number }
	| { t: 'fault'; code: FaultCode };
