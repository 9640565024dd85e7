import type {
	Engine,
	EngineKind,
	EngineModel,
	Loaded,
	OnProgress,
	ReplyEvent,
	ReplyOptions,
	Turn
} from './engine.ts';
import { EngineError, type EngineErrorKind } from './errors.ts';
import type { FromWorker } from './protocol.ts';
import { afterTimeout, Thread, type Patience, type Request, type WorkerLike } from './thread.ts';

export interface RemoteOptions {
	kind: EngineKind;
	/** Starts the adapter's worker; whoever made the engine need not keep it. */
	start: () => WorkerLike;
	patience?: Partial<Patience>;
}

/** No step of a load is silent for two minutes, but reading a prompt on a slow device can be. */
const PATIENCE: Patience = { load: 120_000, reply: 600_000, after: afterTimeout };

/** After these an engine's state is gone with its worker; only a new load helps. */
const FATAL: ReadonlySet<EngineErrorKind> = new Set(['out-of-memory', 'device-lost', 'worker-lost']);

const NOTHING_SAID: ReplyEvent = {
	kind: 'usage',
	usage: {
		promptTokens: 0,
		completionTokens: 0,
		timeToFirstToken: 0,
		tokensPerSecond: 0,
		reason: 'aborted'
	}
};

/**
 * The window's side of an engine. Each load has a worker of its own, so that the end of the worker
 * frees everything the model held, and a load that is aborted or fails leaves nothing behind.
 */
export class RemoteEngine implements Engine {
	readonly kind: EngineKind;
	readonly #start: () => WorkerLike;
	readonly #patience: Patience;
	#thread: Thread | undefined;

	constructor({ kind, start, patience }: RemoteOptions) {
		this.kind = kind;
		this.#start = start;
		this.#patience = { ...PATIENCE, ...patience };
	}

	async load(model: EngineModel, onProgress: OnProgress, signal: AbortSignal): Promise<Loaded> {
		this.#end(new EngineError('aborted', 'another model is being loaded'));
		if (signal.aborted) throw abortedLoad();
		const thread = new Thread(this.#start(), this.#patience.after);
		this.#thread = thread;
		const stop = (): void => thread.end(abortedLoad());
		signal.addEventListener('abort', stop);
		let highest = 0;
		const progress = (share: number): void => {
			if (share <= highest) return;
			highest = Math.min(share, 1);
			onProgress(highest);
		};
		try {
			onProgress(0);
			const { loaded } = await this.#ask(thread, { kind: 'load', model }, 'loaded', progress);
			progress(1);
			return loaded;
		} catch (error) {
			thread.end(error instanceof EngineError ? error : new EngineError('unknown', 'the load failed'));
			throw error;
		} finally {
			signal.removeEventListener('abort', stop);
		}
	}

	async *reply(
		turns: Turn[],
		{ params, prefix = '', signal }: ReplyOptions
	): AsyncGenerator<ReplyEvent, void, undefined> {
		if (signal.aborted) {
			yield NOTHING_SAID;
			return;
		}
		const thread = this.#loaded();
		const events = new Inbox<ReplyEvent>();
		const id = thread.ask({ kind: 'reply', turns, params, prefix }, this.#patience.reply, {
			hear(message) {
				if (message.kind === 'delta') events.put({ kind: 'delta', text: message.text });
				if (message.kind === 'usage') events.put({ kind: 'usage', usage: message.usage });
			},
			fail: (error) => {
				if (FATAL.has(error.kind)) thread.end(error);
				events.break(error);
			}
		});
		const abort = (): void => {
			if (id !== undefined) thread.abort(id);
		};
		signal.addEventListener('abort', abort);
		try {
			let event: ReplyEvent;
			do {
				event = await events.take();
				yield event;
			} while (event.kind !== 'usage');
		} finally {
			signal.removeEventListener('abort', abort);
			abort(); // a reader that leaves early must not keep the engine busy; after the end it says nothing
		}
	}

	async countTokens(texts: string[]): Promise<number[]> {
		return (await this.#ask(this.#loaded(), { kind: 'count', texts }, 'counts')).counts;
	}

	async unload(): Promise<void> {
		const thread = this.#thread;
		if (!thread || thread.ended) return;
		try {
			await this.#ask(thread, { kind: 'unload' }, 'unloaded');
		} finally {
			thread.end(new EngineError('worker-lost', 'the model was unloaded'));
		}
	}

	close(): void {
		this.#end(new EngineError('worker-lost', 'the engine was closed'));
	}

	#end(reason: EngineError): void {
		this.#thread?.end(reason);
		this.#thread = undefined;
	}

	#loaded(): Thread {
		if (this.#thread && !this.#thread.ended) return this.#thread;
		throw new EngineError('worker-lost', this.#thread?.ended?.message ?? 'no model is loaded');
	}

	/** Asks for something that one message answers. */
	#ask<Kind extends FromWorker['kind']>(
		thread: Thread,
		request: Request,
		answer: Kind,
		onProgress: OnProgress = () => undefined
	): Promise<Extract<FromWorker, { kind: Kind }>> {
		const isAnswer = (message: FromWorker): message is Extract<FromWorker, { kind: Kind }> =>
			message.kind === answer;
		return new Promise((resolve, reject) => {
			const silence = this.#patience[request.kind === 'load' ? 'load' : 'reply'];
			thread.ask(request, silence, {
				hear(message) {
					if (message.kind === 'progress') onProgress(message.share);
					if (isAnswer(message)) resolve(message);
				},
				fail: reject
			});
		});
	}
}

function abortedLoad(): EngineError {
	return new EngineError('aborted', 'the load was aborted');
}

/** A queue with one reader. What came before a break is still read. */
class Inbox<T> {
	readonly #items: T[] = [];
	#broken: EngineError | undefined;
	#wake: () => void = () => undefined;

	put(item: T): void {
		this.#items.push(item);
		this.#wake();
	}

	break(error: EngineError): void {
		this.#broken = error;
		this.#wake();
	}

	/** @throws EngineError once it is empty and broken */
	async take(): Promise<T> {
		for (;;) {
			const item = this.#items.shift();
			if (item !== undefined) return item;
			if (this.#broken) throw this.#broken;
			await new Promise<void>((resolve) => (this.#wake = resolve));
		}
	}
}
