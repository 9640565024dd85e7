import { EngineError, wordsOf } from './errors.ts';
import { parseFromWorker, type FromWorker, type ToWorker } from './protocol.ts';

/** Runs something later unless it is called off first: `setTimeout`, or a test's own clock. */
export type After = (ms: number, run: () => void) => () => void;

export const afterTimeout: After = (ms, run) => {
	const timer = setTimeout(run, ms);
	return () => clearTimeout(timer);
};

export interface Patience {
	/** Milliseconds of silence after which a worker that is loading counts as lost. */
	load: number;
	/** The same for anything else: a slow device reads a long prompt without a word. */
	reply: number;
	after: After;
}

/** The side of a worker that is used. */
export interface WorkerLike {
	postMessage(message: unknown): void;
	terminate(): void;
	addEventListener(type: 'message' | 'messageerror', listener: (event: MessageEvent<unknown>) => void): void;
	addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
}

/** Who waits for the answer to a request. Of `fail` and the last message only one comes, once. */
export interface Caller {
	hear(message: FromWorker): void;
	fail(error: EngineError): void;
}

/** A request that has no number yet. */
export type Request = WithoutId<ToWorker>;
type WithoutId<Union> = Union extends unknown ? Omit<Union, 'id'> : never;

/** The messages that end a request. */
const LAST: ReadonlySet<FromWorker['kind']> = new Set(['loaded', 'usage', 'counts', 'unloaded', 'failed']);

/**
 * The life of one worker. It ends by `end` or when the worker breaks or falls silent; whoever still
 * waits then hears why, and nothing can be asked any more.
 */
export class Thread {
	readonly #worker: WorkerLike;
	readonly #after: After;
	readonly #callers = new Map<number, { caller: Caller; silence: number }>();
	#ended: EngineError | undefined;
	#number = 0;
	#callOff: () => void = () => undefined;

	constructor(worker: WorkerLike, after: After) {
		this.#worker = worker;
		this.#after = after;
		worker.addEventListener('message', ({ data }) => this.#receive(data));
		worker.addEventListener('error', (event) => {
			event.preventDefault();
			this.#lose(event.message || 'the worker could not start');
		});
		worker.addEventListener('messageerror', () => this.#lose('a message of the worker could not be read'));
	}

	/** Why it ended, or undefined while it lives. */
	get ended(): EngineError | undefined {
		return this.#ended;
	}

	/**
	 * Sends a request.
	 * @param silence milliseconds without any message after which the worker is given up
	 * @returns its number, for an abort; undefined when the thread has ended
	 */
	ask(request: Request, silence: number, caller: Caller): number | undefined {
		if (this.#ended) {
			caller.fail(this.#ended);
			return undefined;
		}
		const id = ++this.#number;
		this.#callers.set(id, { caller, silence });
		this.#watch();
		this.#worker.postMessage({ ...request, id });
		return id;
	}

	abort(id: number): void {
		if (this.#callers.has(id)) this.#worker.postMessage({ kind: 'abort', id } satisfies ToWorker);
	}

	/** Terminates the worker; everyone who waits fails with `reason`. */
	end(reason: EngineError): void {
		if (this.#ended) return;
		this.#ended = reason;
		this.#callOff();
		this.#worker.terminate();
		const waiting = [...this.#callers.values()];
		this.#callers.clear();
		for (const { caller } of waiting) caller.fail(reason);
	}

	#receive(data: unknown): void {
		if (this.#ended) return;
		let message: FromWorker;
		try {
			message = parseFromWorker(data);
		} catch (error) {
			this.#lose(wordsOf(error));
			return;
		}
		const caller = this.#callers.get(message.id)?.caller;
		if (LAST.has(message.kind)) this.#callers.delete(message.id);
		this.#watch();
		if (message.kind === 'failed') caller?.fail(new EngineError(message.error, message.detail));
		else caller?.hear(message);
	}

	/** Every message starts the wait anew, as long as an answer is owed. */
	#watch(): void {
		this.#callOff();
		this.#callOff = () => undefined;
		if (this.#callers.size === 0) return;
		const silence = Math.max(...[...this.#callers.values()].map((owed) => owed.silence));
		this.#callOff = this.#after(silence, () => this.#lose(`the worker has said nothing for ${silence} ms`));
	}

	#lose(detail: string): void {
		this.end(new EngineError('worker-lost', detail));
	}
}
