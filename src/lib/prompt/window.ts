/**
 * What the model is given of a conversation, within its context window. Pure: token counts come in,
 * a choice comes out.
 */

/** Tokens that a turn's frame takes in the chat templates used here (role, separators), rounded up. */
export const TURN_OVERHEAD = 8;

/** How many tokens each part of the prompt has, without its frame. */
export interface Weights {
	system: number;
	/** The turns before the question, oldest first. */
	history: number[];
	question: number;
	/** The part of the answer that is already written. */
	prefix: number;
}

/** Which turns are given, or why none can be. */
export type Fit =
	| {
			kind: 'fits';
			/** Index of the first turn of the history that is given; all before it are left out. */
			from: number;
			/** Tokens left for the answer, at most what was wished. */
			answer: number;
	  }
	| { kind: 'too-long'; tokens: number; room: number };

/** The least that is kept free for an answer, in tokens. */
const LEAST_ANSWER = 64;

/**
 * Leaves out the oldest whole turns when the window overflows. It drops down to half of the room at
 * once, not one turn at a time: an engine keeps its KV cache only while the beginning stays the same.
 * The choice depends on the history alone, so the next turn finds the same beginning.
 *
 * @param window tokens that prompt and answer share
 * @param wished the longest answer wished, in tokens
 */
export function fitWindow(weights: Weights, window: number, wished: number): Fit {
	const fixed = weights.system + TURN_OVERHEAD + weights.prefix + TURN_OVERHEAD;
	const question = weights.question + TURN_OVERHEAD;
	const least = Math.min(wished, LEAST_ANSWER);
	if (fixed + question + least > window) {
		return { kind: 'too-long', tokens: weights.question, room: window - fixed - TURN_OVERHEAD - least };
	}
	const reserve = Math.max(least, Math.min(wished, Math.floor(window / 4)));
	const room = Math.max(0, window - fixed - question - reserve);
	const { from, tokens } = keepNewest(weights.history, room);
	return { kind: 'fits', from, answer: Math.min(wished, window - fixed - question - tokens) };
}

function keepNewest(history: number[], room: number): { from: number; tokens: number } {
	let from = 0;
	let tokens = 0;
	history.forEach((turn, index) => {
		tokens += turn + TURN_OVERHEAD;
		if (tokens <= room) return;
		while (from <= index && tokens > room / 2) {
			tokens -= (history[from] ?? 0) + TURN_OVERHEAD;
			from += 1;
		}
	});
	return { from, tokens };
}
