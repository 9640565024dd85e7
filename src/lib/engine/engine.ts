/**
 * What an engine is. Three adapters implement it: WebLLM on the GPU and wllama on the CPU, each with its
 * library in a worker of its own, and the browser's own model. One contract suite, in a real browser, defines what
 * they promise.
 */

export type EngineKind = 'webllm' | 'wllama' | 'builtin';

/** Everything an engine needs to load a model whose files are already on the device. */
export type EngineModel = {
	/** Its name in the catalogue. */
	id: string;
	/** Tokens that prompt and answer share. */
	contextWindow: number;
	/** Least milliseconds between tokens: the self-test speaks at a pace that a person can watch. */
	pace?: number;
} & (
	| {
			engine: 'webllm';
			/** Folder of config, tokenizer and weights: the key they have in the Cache API, ending in "/". */
			url: string;
			/** The compiled library's key in the Cache API. */
			library: string;
	  }
	| {
			engine: 'wllama';
			/** The GGUF, whole or in its parts, in order. */
			weights: Blob[];
	  }
	/** The browser's own: it has it, or fetches it itself. */
	| { engine: 'builtin' }
);

/** What an engine runs on, as its own logs say, never as the settings hope. */
export interface Loaded {
	device: 'gpu' | 'cpu' | 'browser';
	/** The adapter's name, the number of threads, or the browser's own context window. */
	detail: string;
	contextWindow: number;
}

/** Progress of loading from the device's own storage, from 0 to 1. */
export type OnProgress = (share: number) => void;

export interface Turn {
	role: 'system' | 'user' | 'assistant';
	text: string;
}

/** Sampling, in the terms all engines share. */
export interface GenerationParams {
	/** 0 is greedy: the likeliest token, always. */
	temperature: number;
	topP: number;
	/** Longest answer in tokens. */
	maxTokens: number;
	presencePenalty?: number;
	frequencyPenalty?: number;
	seed?: number;
}

export interface ReplyOptions {
	params: GenerationParams;
	/** The start of the answer, already written: the engine goes on from there and does not repeat it. */
	prefix?: string;
	/** Interrupts the generation and drains it; the model stays loaded. */
	signal: AbortSignal;
}

export interface ReplyUsage {
	/** The whole prompt's. */
	promptTokens: number;
	/** Those of them that were still in the KV cache from the turn before, and cost nothing. */
	cachedTokens?: number;
	completionTokens: number;
	/** Milliseconds from the request to the first token. */
	timeToFirstToken: number;
	/** Decoding alone. */
	tokensPerSecond: number;
	reason: 'end' | 'length' | 'aborted';
}

/** Pieces of text in order, then the usage, once, as the last event. */
export type ReplyEvent = { kind: 'delta'; text: string } | { kind: 'usage'; usage: ReplyUsage };

export interface Engine {
	readonly kind: EngineKind;
	/**
	 * Loads a model from the device's storage; one that was loaded before is unloaded first.
	 * @throws EngineError no-adapter, no-f16, out-of-memory, device-lost, download
	 * (of the engine's own code), integrity, aborted, worker-lost, unknown
	 */
	load(model: EngineModel, onProgress: OnProgress, signal: AbortSignal): Promise<Loaded>;
	/**
	 * Answers the last turn. One reply at a time; a second call waits for the first to end.
	 * An abort is no error: the stream ends with a usage whose reason is "aborted".
	 * @throws EngineError context-overflow, device-lost, out-of-memory, worker-lost, unknown
	 */
	reply(turns: Turn[], options: ReplyOptions): AsyncIterable<ReplyEvent>;
	/** How many tokens each text has by the loaded model's own tokenizer, without special tokens. */
	countTokens(texts: string[]): Promise<number[]>;
	/** Frees the model's memory, aborting what it is writing; the engine can load again. */
	unload(): Promise<void>;
	/** Ends the worker. Whatever was under way fails with worker-lost. */
	close(): void;
}
