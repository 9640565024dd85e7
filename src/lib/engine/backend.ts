import type { EngineModel, Loaded, OnProgress, ReplyOptions, Turn } from './engine.ts';

/** How a reply ended, by the library's own count. */
export interface ReplyEnd {
	promptTokens: number;
	cachedTokens: number;
	completionTokens: number;
	reason: 'end' | 'length' | 'aborted';
}

/**
 * What an adapter does inside its worker; `serve` adds the queue, the pace, the clock and the batches.
 * Its calls never overlap, and `load` is called once in the life of a worker.
 */
export interface Backend {
	/** @throws EngineError as `Engine.load` does */
	load(model: EngineModel, onProgress: OnProgress): Promise<Loaded>;
	/**
	 * Pieces of the answer, about a token each; an empty one is only a sign of life. After an abort it
	 * ends soon by itself, drained, and the caller reads on until then.
	 * @throws EngineError as `Engine.reply` does
	 */
	reply(turns: Turn[], options: ReplyOptions): AsyncGenerator<string, ReplyEnd, undefined>;
	countTokens(texts: string[]): Promise<number[]>;
	/** Frees what the end of the worker would free late. */
	unload(): Promise<void>;
}
