import type { Id } from '#lib/message/message.ts';
import type { Channel } from './bulletin.ts';

/** What tabs ask each other. A tab asks for one text at a time; its next question replaces the one before. */
type Frame =
	| { kind: 'count'; from: Id; number: number; model: string; text: string }
	| { kind: 'counted'; to: Id; number: number; tokens: number };

/** Counts by the engine of this tab: undefined where it has none, or another model. */
export type CountHere = (model: string, text: string, signal: AbortSignal) => Promise<number | undefined>;

/** Tokens by a model's own tokenizer, as far as that model is in memory in one of the tabs. */
export interface Ruler {
	/** Tokens of the model's context window. */
	readonly window: number;
	/** What was counted before. */
	known(text: string): number | undefined;
	/** Waits until the engine has time; undefined when it was aborted, or the text is too long to be counted. */
	count(text: string, signal: AbortSignal): Promise<number | undefined>;
}

/** Longest text that is counted, in UTF-16 code units: a longer one would hold up the engine. */
const LONGEST = 200_000;

/** Most counts that are remembered. */
const REMEMBERED = 4096;

/** Counting for the page, in whichever tab the engine is. */
export class Counting {
	readonly #channel: Channel;
	readonly #id: Id;
	readonly #here: CountHere;
	readonly #served = new Map<Id, AbortController>();
	readonly #known = new Map<string, number>();
	#model = '';
	#number = 0;
	#hear: (tokens: number) => void = () => undefined;

	/** @param id names this tab */
	constructor(channel: Channel, id: Id, here: CountHere) {
		this.#channel = channel;
		this.#id = id;
		this.#here = here;
		channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
			if (isFrame(data)) void this.#receive(data);
		});
	}

	/** The ruler of a model; what other models have counted is forgotten. */
	ruler(model: string, window: number): Ruler {
		if (this.#model !== model) this.#known.clear();
		this.#model = model;
		return {
			window,
			known: (text) => (text === '' ? 0 : this.#model === model ? this.#known.get(text) : undefined),
			count: (text, signal) => this.#count(model, text, signal)
		};
	}

	async #count(model: string, text: string, signal: AbortSignal): Promise<number | undefined> {
		if (text.length > LONGEST) return undefined;
		const tokens = (await this.#here(model, text, signal)) ?? (await this.#elsewhere(model, text, signal));
		if (tokens !== undefined && this.#model === model) {
			if (this.#known.size >= REMEMBERED) this.#known.clear();
			this.#known.set(text, tokens);
		}
		return tokens;
	}

	/** Asks the other tabs. Where none has the model there is no answer, and the asker goes on without. */
	#elsewhere(model: string, text: string, signal: AbortSignal): Promise<number | undefined> {
		if (signal.aborted) return Promise.resolve(undefined);
		const number = ++this.#number;
		return new Promise((resolve) => {
			signal.addEventListener('abort', () => resolve(undefined), { once: true });
			this.#hear = resolve;
			this.#send({ kind: 'count', from: this.#id, number, model, text });
		});
	}

	async #receive(frame: Frame): Promise<void> {
		if (frame.kind === 'counted') {
			if (frame.to === this.#id && frame.number === this.#number) this.#hear(frame.tokens);
			return;
		}
		const { from, number, model, text } = frame;
		this.#served.get(from)?.abort();
		const abort = new AbortController();
		this.#served.set(from, abort);
		const tokens = await this.#here(model, text, abort.signal);
		if (tokens !== undefined) this.#send({ kind: 'counted', to: from, number, tokens });
		if (this.#served.get(from) === abort) this.#served.delete(from);
	}

	#send(frame: Frame): void {
		this.#channel.postMessage(frame);
	}
}

const SHAPES: Record<Frame['kind'], Record<string, string>> = {
	count: { from: 'string', number: 'number', model: 'string', text: 'string' },
	counted: { to: 'string', number: 'number', tokens: 'number' }
};

/** Another version of the app may speak otherwise: what is not understood is passed over. */
function isFrame(data: unknown): data is Frame {
	if (typeof data !== 'object' || data === null || !('kind' in data)) return false;
	const shape = Object.entries(SHAPES).find(([kind]) => kind === data.kind)?.[1];
	return (
		shape !== undefined &&
		Object.entries(shape).every(([key, type]) => typeof Reflect.get(data, key) === type)
	);
}
