/**
 * What the model is given of a conversation, within its context window. Pure: token counts come in,
 * a choice comes out.
 */

/** Tokens that a turn's frame takes in the chat templates used here (role, separators), rounded up. */
export const TURN_OVERHEAD = 8;

/** How many tokens each part of the prompt has, without its frame. */
export interface Weights {
	system: number;
	/** The turns before the question, oldest first; Infinity for those that are beyond the window in any case. */
	history: number[];
	question: number;
	/** The part of the answer that is already written. */
	prefix: number;
}

/** Where the history that is given may start. */
export interface Start {
	/** Index of its first turn. */
	from: number;
	/** Tokens of the summary that stands for the turns before it; 0 where there is none. */
	summary: number;
}

/** Which turns are given, or why none can be. */
export type Fit =
	| {
			kind: 'fits';
			/** The place of the start that was chosen, among those that were offered. */
			start: number;
			/** Tokens left for the answer, at most what was wished. */
			answer: number;
	  }
	/** No start is late enough. The newest turns that fill half of the room begin at `from`, and leave `spare`. */
	| { kind: 'overflows'; from: number; spare: number; answer: number }
	| { kind: 'too-long'; tokens: number; room: number };

/** The least that is kept free for an answer, in tokens. */
export const LEAST_ANSWER = 64;

/**
 * Chooses the first start from which everything fits. Where none does, the history is cut down to half
 * of the room at once, not one turn at a time: an engine keeps its KV cache only while the beginning
 * stays the same, so that the next questions should find this start good enough.
 *
 * @param window tokens that prompt and answer share
 * @param wished the longest answer wished, in tokens
 * @param starts from the earliest to the latest
 * @param summary tokens to be kept free, where it must be cut, for a summary that is yet to be written
 */
export function fitWindow(
	weights: Weights,
	window: number,
	wished: number,
	starts: readonly Start[],
	summary = 0
): Fit {
	const frame = weights.system + TURN_OVERHEAD + weights.prefix + TURN_OVERHEAD;
	const taken = frame + weights.question + TURN_OVERHEAD;
	const least = Math.min(wished, LEAST_ANSWER);
	if (taken + least > window) {
		return { kind: 'too-long', tokens: weights.question, room: window - frame - TURN_OVERHEAD - least };
	}
	const reserve = Math.max(least, Math.min(wished, Math.floor(window / 4)));
	const after = tokensFrom(weights.history);
	const fits = (start: Start) => {
		const turns = after[start.from] ?? Infinity;
		// where no turn is left that could be cut, a short answer is better than none
		return taken + start.summary + turns + (turns === 0 ? least : reserve) <= window;
	};
	const start = starts.findIndex(fits);
	const chosen = starts[start];
	if (chosen) {
		const spare = window - taken - chosen.summary - (after[chosen.from] ?? 0);
		return { kind: 'fits', start, answer: Math.min(wished, spare) };
	}
	const room = Math.max(0, window - taken - reserve - summary);
	const from = after.findIndex((tokens) => tokens <= room / 2);
	const spare = window - taken - (after[from] ?? 0);
	return { kind: 'overflows', from, spare, answer: Math.min(wished, spare) };
}

/** For each place in the history what it takes to give all from there on; the last is 0, of none. */
function tokensFrom(history: readonly number[]): number[] {
	const after = [0];
	for (const turn of history.toReversed()) after.unshift((after[0] ?? 0) + turn + TURN_OVERHEAD);
	return after;
}
