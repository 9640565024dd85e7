import type { Engine } from '#lib/engine/engine.ts';
import { EngineError } from '#lib/engine/errors.ts';
import type { Id, Message } from '#lib/message/message.ts';
import { withoutThinking } from '#lib/message/thinking.ts';
import { summaryTokens } from '#lib/prompt/plan.ts';
import { MAX_PIECES, pieceRoom, piecesOf, summaryTurns } from '#lib/prompt/summary.ts';

/** Bytes that a token can well stand for: what is certainly beyond the last pieces is not even counted. */
const MOST_BYTES_PER_TOKEN = 8;

/** What a summary is made with. */
export interface Scribe {
	engine: Engine;
	/** Tokens of the loaded model's context window. */
	window: number;
	seed: number;
	signal: AbortSignal;
	/** From 0 to 1. */
	onProgress(share: number): void;
}

/**
 * Has the model summarise messages, piece by piece: each piece is read together with the summary of those
 * before it. An earlier summary on the way is where it begins.
 * @returns the summary, and the first message it tells of where that is not the first of all
 * @throws EngineError as `Engine.reply` and `Engine.countTokens` do; aborted; unknown, for an empty summary
 */
export async function summarise(scribe: Scribe, messages: Message[]): Promise<{ text: string; from?: Id }> {
	const { engine, window, onProgress } = scribe;
	const count = (texts: string[]) => engine.countTokens(texts);
	const last = messages.findLastIndex(({ summary }) => summary !== undefined);
	const base = messages[last]?.summary;
	const room = await pieceRoom(window, summaryTokens(window), count);
	const all = messages.slice(last + 1);
	const near = newest(all, room * MAX_PIECES * MOST_BYTES_PER_TOKEN);
	const pieces = await piecesOf(near, room, count);
	const kept = pieces.slice(-MAX_PIECES);
	const whole = kept.length === pieces.length && near.length === all.length;
	let text = whole ? (base?.text ?? '') : '';
	for (const [index, piece] of kept.entries()) {
		onProgress(index / kept.length);
		text = await ask(scribe, text, piece.text);
	}
	const first = whole ? base?.from : near[kept[0]?.from ?? 0]?.id;
	return { text, ...(first === undefined ? {} : { from: first }) };
}

async function ask({ engine, window, seed, signal }: Scribe, before: string, piece: string): Promise<string> {
	const params = { temperature: 0, topP: 1, maxTokens: summaryTokens(window), seed };
	let text = '';
	for await (const event of engine.reply(summaryTurns(before, piece), { params, signal })) {
		if (event.kind === 'delta') text += event.text;
		else if (event.usage.reason === 'aborted') throw new EngineError('aborted', 'the summary was stopped');
		// it was cut at the end of its room, and says so
		else if (event.usage.reason === 'length') text += '…';
	}
	const summary = withoutThinking(text).trim();
	if (summary === '') throw new EngineError('unknown', 'the summary was empty');
	return summary;
}

/** The newest messages that have at most so many bytes together, at least one. */
function newest(messages: Message[], bytes: number): Message[] {
	const encoder = new TextEncoder();
	let left = bytes;
	const first = messages.findLastIndex(({ text }) => (left -= encoder.encode(text).length) < 0);
	return messages.slice(Math.min(first + 1, Math.max(0, messages.length - 1)));
}
