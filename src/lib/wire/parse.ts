import {
	ENDED_CODES,
	FAULT_CODES,
	LIMITS,
	NACK_CODES,
	type ClientFrame,
	type ServerFrame,
	type WireEvent
} from './frames.ts';

/** Why a message was refused (F3). `at` is the place of the fault, such as "1.room"; never its content. */
export interface WireFault {
	kind:
		'too-large' | 'not-json' | 'not-frames' | 'too-many' | 'unknown-frame' | 'bad-field' | 'unknown-field';
	at: string;
}

export type Parsed<Frame> = { ok: true; frames: Frame[] } | { ok: false; fault: WireFault };

type Guard<T> = (value: unknown) => value is T;
type Shape<T> = { readonly [Key in keyof T]-?: Guard<T[Key]> };
type Shapes<Frame extends { t: string }> = { readonly [T in Frame['t']]: Shape<Extract<Frame, { t: T }>> };

/** The fields of a shape as a list: it is walked through for each frame and each event. */
type Fields = readonly (readonly [key: string, guard: Guard<unknown>])[];
type Kinds = ReadonlyMap<string, Fields>;

const ID = /^[A-Za-z0-9_-]{22}$/;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const BASE64URL = /^[A-Za-z0-9_-]*$/;

const oneOf =
	<const T extends string>(...words: readonly T[]): Guard<T> =>
	(value): value is T =>
		(words as readonly unknown[]).includes(value);

const integer =
	(least: number, most: number = Number.MAX_SAFE_INTEGER): Guard<number> =>
	(value): value is number =>
		typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;

const matching =
	(pattern: RegExp): Guard<string> =>
	(value): value is string =>
		typeof value === 'string' && pattern.test(value);

/** Base64url without padding; a length of 1 modulo 4 is that of no bytes at all. */
const base64url =
	(least: number, most: number): Guard<string> =>
	(value): value is string =>
		typeof value === 'string' &&
		value.length >= least &&
		value.length <= most &&
		value.length % 4 !== 1 &&
		BASE64URL.test(value);

const listOf =
	<T>(item: Guard<T>, most: number): Guard<T[]> =>
	(value): value is T[] =>
		Array.isArray(value) && value.length <= most && value.every(item);

const fieldsOf = <T>(shape: Shape<T>): Fields => Object.entries<Guard<unknown>>(shape);

const kindsOf = <Frame extends { t: string }>(shapes: Shapes<Frame>): Kinds =>
	new Map(Object.entries<Shape<object>>(shapes).map(([kind, shape]) => [kind, fieldsOf(shape)]));

const id = matching(ID);
const body = base64url(1, LIMITS.bodyChars);
const signalBody = base64url(1, LIMITS.signalChars);

const eventFields = fieldsOf<WireEvent>({
	seq: integer(1),
	id,
	from: id,
	at: integer(0),
	body: base64url(0, LIMITS.bodyChars)
});

const isEvent: Guard<WireEvent> = (value): value is WireEvent =>
	isRecord(value) && faultOfFields(value, eventFields) === null;
const events = listOf(isEvent, LIMITS.pageEvents);

const clientKinds = kindsOf<ClientFrame>({
	hello: { t: oneOf('hello'), v: integer(1, 65_535), token: matching(TOKEN) },
	open: { t: oneOf('open'), room: id, after: integer(0) },
	close: { t: oneOf('close'), room: id },
	read: { t: oneOf('read'), room: id, after: integer(0), limit: integer(1, LIMITS.pageEvents) },
	send: { t: oneOf('send'), room: id, id, body },
	signal: { t: oneOf('signal'), room: id, n: integer(1), body: signalBody },
	ping: { t: oneOf('ping'), n: integer(0) }
});

const serverKinds = kindsOf<ServerFrame>({
	welcome: {
		t: oneOf('welcome'),
		v: integer(1, 65_535),
		account: id,
		connection: id,
		heartbeat: integer(1, 3_600_000)
	},
	events: { t: oneOf('events'), room: id, events },
	level: { t: oneOf('level'), room: id, seq: integer(0) },
	page: { t: oneOf('page'), room: id, after: integer(0), head: integer(0), events },
	ack: { t: oneOf('ack'), room: id, id, seq: integer(1), at: integer(0) },
	nack: { t: oneOf('nack'), room: id, id, code: oneOf(...NACK_CODES), wait: integer(0, 3_600_000) },
	ended: { t: oneOf('ended'), room: id, code: oneOf(...ENDED_CODES) },
	changed: { t: oneOf('changed'), room: id },
	presence: { t: oneOf('presence'), room: id, n: integer(1), here: listOf(id, LIMITS.roomMembers) },
	signal: { t: oneOf('signal'), room: id, from: id, connection: id, n: integer(1), body: signalBody },
	pong: { t: oneOf('pong'), n: integer(0) },
	fault: { t: oneOf('fault'), code: oneOf(...FAULT_CODES) }
});

/** What a client may say, as the server reads it. Never throws (F3). */
export function parseClientMessage(text: string): Parsed<ClientFrame> {
	return parseMessage(text, clientKinds);
}

/** What a server may say, as the client reads it. Never throws (F3). */
export function parseServerMessage(text: string): Parsed<ServerFrame> {
	return parseMessage(text, serverKinds);
}

function parseMessage<Frame>(text: string, kinds: Kinds): Parsed<Frame> {
	// a UTF-16 unit is at least one byte of UTF-8; the exact bound is the transport's
	if (text.length > LIMITS.messageBytes) return refuse('too-large', '');
	let list: unknown;
	try {
		list = JSON.parse(text);
	} catch {
		return refuse('not-json', '');
	}
	if (!Array.isArray(list) || list.length === 0) return refuse('not-frames', '');
	if (list.length > LIMITS.framesPerMessage) return refuse('too-many', '');
	for (const [index, value] of list.entries()) {
		const fault = faultOf(value, kinds);
		if (fault) return refuse(fault.kind, fault.at === '' ? String(index) : `${index}.${fault.at}`);
	}
	return { ok: true, frames: list as Frame[] };
}

function refuse(kind: WireFault['kind'], at: string): { ok: false; fault: WireFault } {
	return { ok: false, fault: { kind, at } };
}

/** @returns the fault with its place within the frame */
function faultOf(value: unknown, kinds: Kinds): WireFault | null {
	const kind = isRecord(value) ? value['t'] : undefined;
	const fields = typeof kind === 'string' ? kinds.get(kind) : undefined;
	return isRecord(value) && fields ? faultOfFields(value, fields) : { kind: 'unknown-frame', at: '' };
}

function faultOfFields(value: Record<string, unknown>, fields: Fields): WireFault | null {
	for (const [key, guard] of fields) {
		if (!Object.hasOwn(value, key) || !guard(value[key])) return { kind: 'bad-field', at: key };
	}
	// all that has to be there is: whatever is more is unknown
	return Object.keys(value).length > fields.length ? { kind: 'unknown-field', at: '' } : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
