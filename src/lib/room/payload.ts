import { utf8, type Bytes } from '#lib/seal/bytes.ts';

/** The payloads of PAYLOAD.md; its rules' numbers stand in the tests. */

export const PAYLOAD_VERSION = 1;

/** The bounds of PAYLOAD.md. */
export const BOUNDS = {
	ops: 64,
	text: 10_000,
	mentions: 32,
	emoji: 32,
	emojis: 64,
	title: 64,
	name: 64,
	wraps: 256,
	gone: 64,
	secrets: 256,
	/** Bytes of a payload, so that its envelope is within what the wire carries. */
	bytes: 43_000
} as const;

/** Names a message for good: its author and the id that its author gave it. */
export interface MessageRef {
	author: string;
	id: string;
}

/** A device's Ed25519 key, a dot, and the secret wrapped for it; both base64url. */
export type Wrap = `${string}.${string}`;

export interface PastSecret {
	epoch: number;
	secret: string;
}

/** What a client says; all of it is kept in the log. */
export type Op =
	| { t: 'message'; id: string; text: string; reply: MessageRef | null; mentions: string[] }
	| { t: 'edit'; id: string; text: string }
	| { t: 'remove'; id: string }
	| { t: 'react'; author: string; id: string; emoji: string; on: boolean }
	| { t: 'seen'; seq: number }
	| { t: 'title'; title: string }
	| { t: 'device'; agreement: string; name: string }
	| { t: 'key'; epoch: number; gone: string[]; wraps: Wrap[] }
	| { t: 'past'; secrets: PastSecret[] };

/** What was read: an operation, or one of a later version. */
export type ReadOp = Op | { t: 'unknown' };

export interface Signal {
	t: 'typing';
	on: boolean;
}

export type ReadSignal = Signal | { t: 'unknown' };

/** Why a payload was not read: it is not of the form (P1, P2), or of a later version. */
export type PayloadFault = 'malformed' | 'version';

export type ReadPayload<T> = { ok: true; value: T } | { ok: false; fault: PayloadFault };

type Guard = (value: unknown) => boolean;
type Shape<T> = { readonly [Key in Exclude<keyof T, 't'>]-?: Guard };

const matching =
	(pattern: RegExp): Guard =>
	(value) =>
		typeof value === 'string' && pattern.test(value);

const integer =
	(least: number, most: number = Number.MAX_SAFE_INTEGER): Guard =>
	(value) =>
		typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;

const text =
	(most: number): Guard =>
	(value) =>
		typeof value === 'string' && value.length > 0 && value.length <= most;

const listOf =
	(item: Guard, least: number, most: number): Guard =>
	(value) =>
		Array.isArray(value) && value.length >= least && value.length <= most && value.every(item);

const exactly =
	(shape: Readonly<Record<string, Guard>>): Guard =>
	(value) =>
		isRecord(value) &&
		Object.keys(value).length === Object.keys(shape).length &&
		Object.entries(shape).every(([key, guard]) => Object.hasOwn(value, key) && guard(value[key]));

const flag: Guard = (value) => typeof value === 'boolean';
const id = matching(/^[A-Za-z0-9_-]{22}$/);
const key = matching(/^[A-Za-z0-9_-]{43}$/);
const wrap = matching(/^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{107}$/);
const messageText = text(BOUNDS.text);
const epoch = integer(0, 0xffff_ffff);
/** One line of words. */
const line = (most: number): Guard => {
	const fits = text(most);
	return (value) => fits(value) && !/\p{C}|^\s|\s$/u.test(value as string);
};
const emoji = (value: unknown) => text(BOUNDS.emoji)(value) && !/[\p{Cc}\s]/u.test(value as string);
const reply = exactly({ author: id, id });

const shapes: { readonly [T in Op['t']]: Shape<Extract<Op, { t: T }>> } = {
	message: {
		id,
		text: messageText,
		reply: (value) => value === null || reply(value),
		mentions: listOf(id, 0, BOUNDS.mentions)
	},
	edit: { id, text: messageText },
	remove: { id },
	react: { author: id, id, emoji, on: flag },
	seen: { seq: integer(1) },
	title: { title: line(BOUNDS.title) },
	device: { agreement: key, name: line(BOUNDS.name) },
	key: {
		epoch: integer(1, 0xffff_ffff),
		gone: listOf(id, 0, BOUNDS.gone),
		wraps: listOf(wrap, 1, BOUNDS.wraps)
	},
	past: { secrets: listOf(exactly({ epoch, secret: key }), 1, BOUNDS.secrets) }
};

/** A title that a room may have. */
export const isTitle: Guard = shapes.title.title;
export const isEmoji: Guard = emoji;

/** Whether something that was stored is an operation of this version. */
export function isOp(value: unknown): value is Op {
	const op = readOp(value);
	return op !== null && op.t !== 'unknown';
}

/** Operations as the bytes to be sealed. @throws RangeError when they are more than an event holds */
export function writeOps(ops: readonly Op[]): Bytes {
	const bytes = utf8(JSON.stringify({ v: PAYLOAD_VERSION, ops }));
	if (ops.length > BOUNDS.ops || bytes.length > BOUNDS.bytes) throw new RangeError('too much for one event');
	return bytes;
}

export function writeSignal(signal: Signal): Bytes {
	return utf8(JSON.stringify({ v: PAYLOAD_VERSION, signal }));
}

/** Reads what an event held. Never throws (P1). */
export function readOps(bytes: Uint8Array): ReadPayload<ReadOp[]> {
	const body = readBody(bytes, 'ops');
	if (!body.ok) return body;
	const list = body.value;
	if (!Array.isArray(list) || list.length === 0 || list.length > BOUNDS.ops) return malformed;
	const ops: ReadOp[] = [];
	for (const value of list) {
		const op = readOp(value);
		if (!op) return malformed;
		ops.push(op);
	}
	return inPlace(ops) ? { ok: true, value: ops } : malformed;
}

/** Reads what a signal held. Never throws (P1). */
export function readSignal(bytes: Uint8Array): ReadPayload<ReadSignal> {
	const body = readBody(bytes, 'signal');
	if (!body.ok) return body;
	if (!isRecord(body.value) || typeof body.value['t'] !== 'string') return malformed;
	if (body.value['t'] !== 'typing') return { ok: true, value: { t: 'unknown' } };
	const isTyping = exactly({ t: (value) => value === 'typing', on: flag });
	return isTyping(body.value) ? { ok: true, value: body.value as unknown as Signal } : malformed;
}

const malformed = { ok: false, fault: 'malformed' } as const;

function readBody(bytes: Uint8Array, name: 'ops' | 'signal'): ReadPayload<unknown> {
	let value: unknown;
	try {
		value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
	} catch {
		return malformed;
	}
	if (!isRecord(value) || !integer(1)(value['v'])) return malformed;
	if (value['v'] !== PAYLOAD_VERSION) return { ok: false, fault: 'version' };
	if (Object.keys(value).length !== 2 || !Object.hasOwn(value, name)) return malformed;
	return { ok: true, value: value[name] };
}

function readOp(value: unknown): ReadOp | null {
	if (!isRecord(value) || typeof value['t'] !== 'string') return null;
	const name = value['t'];
	if (!Object.hasOwn(shapes, name)) return { t: 'unknown' };
	const shape: Readonly<Record<string, Guard>> = shapes[name as Op['t']];
	return exactly({ t: () => true, ...shape })(value) ? (value as unknown as Op) : null;
}

/** A device is introduced first, and a key comes alone (D1, D2). */
function inPlace(ops: readonly ReadOp[]): boolean {
	if (ops.some(({ t }, index) => t === 'device' && index > 0)) return false;
	const rest = ops.filter(({ t }) => t !== 'device');
	return rest.length === 1 || rest.every(({ t }) => t !== 'key');
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
