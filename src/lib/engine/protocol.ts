import type { EngineModel, GenerationParams, Loaded, ReplyUsage, Turn } from './engine.ts';
import { ENGINE_ERROR_KINDS, type EngineErrorKind } from './errors.ts';

/**
 * The words between a window and its engine's worker. Each request has a number, and what answers it
 * carries the same. A reply is answered by deltas and one usage, everything else by one message.
 */

export type ToWorker =
	| { kind: 'load'; id: number; model: EngineModel }
	| { kind: 'reply'; id: number; turns: Turn[]; params: GenerationParams; prefix: string }
	| { kind: 'abort'; id: number }
	| { kind: 'count'; id: number; texts: string[] }
	| { kind: 'unload'; id: number };

export type FromWorker =
	| { kind: 'progress'; id: number; share: number }
	/** Work goes on, without anything to show yet. */
	| { kind: 'alive'; id: number }
	| { kind: 'loaded'; id: number; loaded: Loaded }
	| { kind: 'delta'; id: number; text: string }
	| { kind: 'usage'; id: number; usage: ReplyUsage }
	| { kind: 'counts'; id: number; counts: number[] }
	| { kind: 'unloaded'; id: number }
	| { kind: 'failed'; id: number; error: EngineErrorKind; detail: string };

/** A message that is not of this protocol: the two sides come from different builds. */
export class ProtocolError extends Error {
	override readonly name = 'ProtocolError';

	constructor(message: unknown) {
		super(`Not a message of the engine's protocol: ${JSON.stringify(message)?.slice(0, 200)}`);
	}
}

type Fields = Record<string, unknown>;
type Check<T> = (value: unknown) => value is T;

const isRecord: Check<Fields> = (value): value is Fields => typeof value === 'object' && value !== null;
const isNumber: Check<number> = (value): value is number => typeof value === 'number' && !Number.isNaN(value);
const isText: Check<string> = (value): value is string => typeof value === 'string';

function isOneOf<T extends string>(...words: readonly T[]): Check<T> {
	return (value): value is T => words.some((word) => word === value);
}

function isListOf<T>(check: Check<T>): Check<T[]> {
	return (value): value is T[] => Array.isArray(value) && value.every(check);
}

function isMaybe<T>(check: Check<T>): Check<T | undefined> {
	return (value): value is T | undefined => value === undefined || check(value);
}

function isShape<T>(checks: { [K in keyof T]-?: Check<T[K]> }): Check<T> {
	const entries = Object.entries<Check<unknown>>(checks);
	return (value): value is T => isRecord(value) && entries.every(([key, check]) => check(value[key]));
}

const isTurn = isShape<Turn>({ role: isOneOf('system', 'user', 'assistant'), text: isText });

const isParams = isShape<GenerationParams>({
	temperature: isNumber,
	topP: isNumber,
	maxTokens: isNumber,
	presencePenalty: isMaybe(isNumber) as Check<number>,
	frequencyPenalty: isMaybe(isNumber) as Check<number>,
	seed: isMaybe(isNumber) as Check<number>
});

const isLoaded = isShape<Loaded>({
	device: isOneOf('gpu', 'cpu', 'browser'),
	detail: isText,
	contextWindow: isNumber
});

const isUsage = isShape<ReplyUsage>({
	promptTokens: isNumber,
	cachedTokens: isMaybe(isNumber) as Check<number>,
	completionTokens: isNumber,
	timeToFirstToken: isNumber,
	tokensPerSecond: isNumber,
	reason: isOneOf('end', 'length', 'aborted')
});

const isBlob: Check<Blob> = (value): value is Blob => value instanceof Blob;

function isModel(value: unknown): value is EngineModel {
	if (!isRecord(value) || !isText(value['id']) || !isNumber(value['contextWindow'])) return false;
	if (!isMaybe(isNumber)(value['pace'])) return false;
	if (value['engine'] === 'builtin') return true;
	if (value['engine'] === 'webllm') return isText(value['url']) && isText(value['library']);
	return value['engine'] === 'wllama' && isListOf(isBlob)(value['weights']);
}

/** What else a message of each kind must hold, besides its number. */
const TO_WORKER: Record<ToWorker['kind'], (message: Fields) => boolean> = {
	load: ({ model }) => isModel(model),
	reply: ({ turns, params, prefix }) => isListOf(isTurn)(turns) && isParams(params) && isText(prefix),
	abort: () => true,
	count: ({ texts }) => isListOf(isText)(texts),
	unload: () => true
};

const FROM_WORKER: Record<FromWorker['kind'], (message: Fields) => boolean> = {
	progress: ({ share }) => isNumber(share),
	alive: () => true,
	loaded: ({ loaded }) => isLoaded(loaded),
	delta: ({ text }) => isText(text),
	usage: ({ usage }) => isUsage(usage),
	counts: ({ counts }) => isListOf(isNumber)(counts),
	unloaded: () => true,
	failed: ({ error, detail }) => isOneOf(...ENGINE_ERROR_KINDS)(error) && isText(detail)
};

function isMessage(table: Record<string, (message: Fields) => boolean>, data: unknown): boolean {
	if (!isRecord(data) || !isNumber(data['id']) || !isText(data['kind'])) return false;
	return Object.hasOwn(table, data['kind']) && table[data['kind']]?.(data) === true;
}

/** @throws ProtocolError */
export function parseToWorker(data: unknown): ToWorker {
	if (!isMessage(TO_WORKER, data)) throw new ProtocolError(data);
	return data as ToWorker;
}

/** @throws ProtocolError */
export function parseFromWorker(data: unknown): FromWorker {
	if (!isMessage(FROM_WORKER, data)) throw new ProtocolError(data);
	return data as FromWorker;
}
