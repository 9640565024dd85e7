import type { Made } from '#lib/history/rooms/rows.ts';
import { utf8, type Bytes } from '#lib/seal/bytes.ts';
import {
	exactly,
	flag,
	type Guard,
	id,
	integer,
	isRecord,
	line,
	listOf,
	matching,
	nullOr,
	number,
	oneOf,
	text
} from './guards.ts';

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
	/** UTF-16 units of an answer's text. */
	answer: 32_000,
	model: 96,
	word: 32,
	detail: 500,
	/** UTF-16 units that a signal carries of an answer that is being written. */
	piece: 1_000,
	/** Bytes of a payload, so that its envelope is within what the wire carries. */
	bytes: 43_000
} as const;

/** Names a message for good: its author and the id that its author gave it. */
export interface MessageRef {
	author: string;
	id: string;
}

/** A message's name in the history. */
export function refOf({ author, id }: MessageRef): string {
	return `${author}:${id}`;
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
	| { t: 'past'; secrets: PastSecret[] }
	| { t: 'ask'; id: string }
	| { t: 'claim'; id: string; ask: string; over: string | null }
	| { t: 'answer'; ask: string; claim: string; text: string; made: Made }
	| { t: 'stop'; ask: string }
	| { t: 'offer'; model: string | null }
	| { t: 'answers'; every: boolean };

/** What was read: an operation, or one of a later version. */
export type ReadOp = Op | { t: 'unknown' };

/** What is said and not kept. */
export type Signal =
	| { t: 'typing'; on: boolean }
	/** A piece of the answer that a claim's device is writing, from a place in it on. */
	| { t: 'draft'; claim: string; offset: number; text: string }
	/** Asks that device for what follows a place. */
	| { t: 'want'; claim: string; offset: number };

export type ReadSignal = Signal | { t: 'unknown' };

/** Why a payload was not read: it is not of the form (P1, P2), or of a later version. */
export type PayloadFault = 'malformed' | 'version';

export type ReadPayload<T> = { ok: true; value: T } | { ok: false; fault: PayloadFault };

type Shape<T> = { readonly [Key in Exclude<keyof T, 't'>]-?: Guard };

const key = matching(/^[A-Za-z0-9_-]{43}$/);
const wrap = matching(/^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{107}$/);
const messageText = text(BOUNDS.text);
const epoch = integer(0, 0xffff_ffff);
const emoji = (value: unknown) => text(BOUNDS.emoji)(value) && !/[\p{Cc}\s]/u.test(value as string);
const reply = exactly({ author: id, id });
const failure = exactly({ kind: text(BOUNDS.word), detail: text(BOUNDS.detail, 0) });
const settings = exactly({
	temperature: number(0, 10),
	topP: number(0, 1),
	maxTokens: integer(1),
	presencePenalty: number(-10, 10),
	frequencyPenalty: number(-10, 10),
	seed: integer(0)
});

const shapes: { readonly [T in Op['t']]: Shape<Extract<Op, { t: T }>> } = {
	message: {
		id,
		text: messageText,
		reply: nullOr(reply),
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
	past: { secrets: listOf(exactly({ epoch, secret: key }), 1, BOUNDS.secrets) },
	ask: { id },
	claim: { id, ask: id, over: nullOr(id) },
	answer: {
		ask: id,
		claim: id,
		text: text(BOUNDS.answer, 0),
		made: exactly({
			model: line(BOUNDS.model),
			engine: matching(/^[a-z][a-z0-9-]{0,31}$/),
			settings: nullOr(settings),
			ending: oneOf('end', 'length', 'stopped', 'failed'),
			failure: nullOr(failure)
		})
	},
	stop: { ask: id },
	offer: { model: nullOr(line(BOUNDS.model)) },
	answers: { every: flag }
};

const signals: { readonly [T in Signal['t']]: Shape<Extract<Signal, { t: T }>> } = {
	typing: { on: flag },
	draft: { claim: id, offset: integer(0, BOUNDS.answer), text: text(BOUNDS.piece, 0) },
	want: { claim: id, offset: integer(0, BOUNDS.answer) }
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
	const signal = readKind(body.value, signals);
	return signal ? { ok: true, value: signal as ReadSignal } : malformed;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const malformed = { ok: false, fault: 'malformed' } as const;

function readBody(bytes: Uint8Array, name: 'ops' | 'signal'): ReadPayload<unknown> {
	let value: unknown;
	try {
		value = JSON.parse(decoder.decode(bytes));
	} catch {
		return malformed;
	}
	if (!isRecord(value) || !integer(1)(value['v'])) return malformed;
	if (value['v'] !== PAYLOAD_VERSION) return { ok: false, fault: 'version' };
	if (Object.keys(value).length !== 2 || !Object.hasOwn(value, name)) return malformed;
	return { ok: true, value: value[name] };
}

function readOp(value: unknown): ReadOp | null {
	return readKind(value, shapes) as ReadOp | null;
}

/** @returns null when it is not of the form that its kind has */
function readKind(
	value: unknown,
	kinds: Readonly<Record<string, Readonly<Record<string, Guard>>>>
): { t: string } | null {
	if (!isRecord(value) || typeof value['t'] !== 'string') return null;
	const shape = Object.hasOwn(kinds, value['t']) ? kinds[value['t']] : undefined;
	if (!shape) return { t: 'unknown' };
	return exactly({ t: () => true, ...shape })(value) ? (value as { t: string }) : null;
}

/** A device is introduced first, and a key comes alone (D1, D2). */
function inPlace(ops: readonly ReadOp[]): boolean {
	if (ops.some(({ t }, index) => t === 'device' && index > 0)) return false;
	const rest = ops.filter(({ t }) => t !== 'device');
	return rest.length === 1 || rest.every(({ t }) => t !== 'key');
}
