import { Wllama, type LoadModelParams } from '@wllama/wllama/esm/index.js';
import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import type { Backend, ReplyEnd } from '../backend.ts';
import type { EngineModel, Loaded, OnProgress, ReplyOptions, Turn } from '../engine.ts';
import { EngineError, wordsOf } from '../errors.ts';
import { selfHostedCompat } from './compat.ts';
import { complete } from './completion.ts';
import { counterFor, type Counter } from './count.ts';
import { failureOf } from './failure.ts';
import { checkWasm } from './preflight.ts';
import { watchWeights } from './weights.ts';

/**
 * One conversation at a time: with one slot the library keeps its KV cache from turn to turn. An abort
 * takes effect between batches of the prompt, so they are small; 128 still fills the kernels.
 */
const LOAD_PARAMS: LoadModelParams = {
	n_gpu_layers: 0,
	n_parallel: 1,
	n_batch: 128,
	n_ubatch: 128,
	reasoning_format: 'none'
};

/** Lines of the library's warnings that a failed load quotes. */
const LOG_LINES = 12;

interface Session {
	wllama: Wllama;
	contextWindow: number;
	/** Made at the first count. */
	counter?: Counter;
}

/** llama.cpp, in the library's own nested worker. */
export class WllamaBackend implements Backend {
	readonly #log: string[] = [];
	/** Rejects when the nested worker breaks: the library only logs that, and would wait forever. */
	readonly #crash = Promise.withResolvers<never>();
	#threads = 1;
	#session: Session | undefined;

	constructor() {
		this.#crash.promise.catch(() => undefined); // often nobody waits; who does hears of it
	}

	async load(model: EngineModel, onProgress: OnProgress): Promise<Loaded> {
		if (model.engine !== 'wllama') throw new EngineError('unknown', `not a model for wllama: ${model.id}`);
		const { contextWindow, weights } = model;
		try {
			const wllama = await this.#start();
			const loading = wllama.loadModel(watchWeights(weights, onProgress), {
				...LOAD_PARAMS,
				n_ctx: contextWindow
			});
			await this.#orCrash(loading);
			// A file it cannot use is no error to the library: the model then merely has no vocabulary.
			if (wllama.getLoadedContextInfo().n_vocab === 0) throw new Error('failed to load model');
			this.#session = { wllama, contextWindow };
		} catch (error) {
			throw failureOf(error, this.#log);
		}
		return { device: 'cpu', detail: String(this.#threads), contextWindow };
	}

	async *reply(turns: Turn[], options: ReplyOptions): AsyncGenerator<string, ReplyEnd, undefined> {
		const end: ReplyEnd = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reason: 'end' };
		try {
			const steps = complete(this.#loaded().wllama, turns, options);
			for (;;) {
				const step = await this.#orCrash(steps.next());
				if (step.done) return end;
				const { text, finish, timings } = step.value;
				if (timings) {
					end.promptTokens = timings.cache_n + timings.prompt_n;
					end.cachedTokens = timings.cache_n;
					end.completionTokens = timings.predicted_n;
				}
				if (finish === 'length') end.reason = 'length';
				yield text;
			}
		} catch (error) {
			const aborted = error instanceof Error && error.name === 'AbortError';
			if (aborted && options.signal.aborted) return { ...end, reason: 'aborted' };
			throw failureOf(error);
		}
	}

	async countTokens(texts: string[]): Promise<number[]> {
		const session = this.#loaded();
		const ask = (prompt: string): Promise<unknown> =>
			this.#orCrash(session.wllama.createCompletion({ prompt, max_tokens: 1 }));
		const counts: number[] = [];
		try {
			session.counter ??= await counterFor(session.contextWindow, ask);
			for (const text of texts) counts.push(await session.counter(text));
		} catch (error) {
			throw failureOf(error);
		}
		return counts;
	}

	async unload(): Promise<void> {
		await this.#session?.wllama.exit();
		this.#session = undefined;
	}

	async #start(): Promise<Wllama> {
		const logger = { debug: this.#note, log: this.#note, warn: this.#warn, error: this.#warn };
		const wllama = new Wllama({ default: wasmUrl }, { logger });
		const compat = await selfHostedCompat();
		wllama.setCompat(compat);
		await checkWasm(compat?.wasm ?? wasmUrl);
		return wllama;
	}

	/** Threads, as the nested worker itself reports them. */
	readonly #note = (...words: unknown[]): void => {
		const threads = /^Multithread enabled: true, pthreadPoolSize: (\d+)/.exec(String(words[0]))?.[1];
		if (threads !== undefined) this.#threads = Number(threads);
	};

	readonly #warn = (...words: unknown[]): void => {
		const [first] = words;
		if (first instanceof ErrorEvent)
			this.#crash.reject(new EngineError('worker-lost', first.message || 'the inner worker could not start'));
		this.#log.push(words.map(wordsOf).join(' '));
		if (this.#log.length > LOG_LINES) this.#log.shift();
	};

	#orCrash<T>(work: Promise<T>): Promise<T> {
		return Promise.race([work, this.#crash.promise]);
	}

	#loaded(): Session {
		if (!this.#session) throw new EngineError('worker-lost', 'no model is loaded');
		return this.#session;
	}
}
