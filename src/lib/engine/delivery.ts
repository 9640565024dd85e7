import type { ReplyEnd } from './backend.ts';
import type { ReplyUsage } from './engine.ts';

/**
 * Milliseconds in which pieces are gathered into one message: three frames. Each message is drawn, and on a device of
 * few cores drawing takes time from the engine.
 */
const BATCH = 50;

/** Milliseconds between two pieces from which on an engine is so slow that each piece is shown as it comes. */
const SLOW = 25;

export interface Delivery {
	/** Least milliseconds between pieces; 0 for as fast as they come. */
	pace: number;
	signal: AbortSignal;
	/** When the request came, by `performance.now()`. */
	since: number;
	/** Takes a batch of text; an empty one is a sign of life. */
	send(text: string): void;
}

/** Gathers pieces that come fast into batches: the first leaves at once, the others about every third frame. */
class Batch {
	readonly #send: (text: string) => void;
	#text = '';
	#last = -Infinity;
	/** When the last piece came. */
	#came = -Infinity;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(send: (text: string) => void) {
		this.#send = send;
	}

	add(text: string): void {
		this.#text += text;
		const now = performance.now();
		const wait = now - this.#came > SLOW ? 0 : this.#last + BATCH - now;
		this.#came = now;
		if (wait <= 0) this.flush();
		else this.#timer ??= setTimeout(() => this.flush(), wait);
	}

	flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (this.#text === '') return;
		const text = this.#text;
		this.#text = '';
		this.#last = performance.now();
		this.#send(text);
	}
}

/** Resolves after `ms`, or at the abort. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const finish = (): void => {
			clearTimeout(timer);
			signal.removeEventListener('abort', finish);
			resolve();
		};
		const timer = setTimeout(finish, ms);
		signal.addEventListener('abort', finish);
	});
}

/**
 * Reads a reply to its end and sends its pieces on, batched and paced. After an abort nothing more is
 * sent, but the reply is still read to its end, lest the engine stay locked.
 * @returns counts and times; of an aborted reply the tokens that were sent
 */
export async function deliver(
	pieces: AsyncGenerator<string, ReplyEnd, undefined>,
	{ pace, signal, since, send }: Delivery
): Promise<ReplyUsage> {
	const batch = new Batch(send);
	let sent = 0;
	let first = since;
	let last = since;
	let step = await pieces.next();
	for (; !step.done; step = await pieces.next()) {
		if (step.value === '') {
			send('');
			continue;
		}
		const wait = pace - (performance.now() - last);
		if (sent > 0 && wait > 0 && !signal.aborted) await pause(wait, signal);
		if (signal.aborted) continue;
		last = performance.now();
		if (sent++ === 0) first = last;
		batch.add(step.value);
	}
	batch.flush();
	const reason = signal.aborted ? 'aborted' : step.value.reason;
	return {
		promptTokens: step.value.promptTokens,
		cachedTokens: step.value.cachedTokens,
		completionTokens: reason === 'aborted' ? sent : step.value.completionTokens,
		timeToFirstToken: first - since,
		tokensPerSecond: last > first ? ((sent - 1) * 1000) / (last - first) : 0,
		reason
	};
}
