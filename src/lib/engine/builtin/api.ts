/**
 * The browser's own model, as far as it is used here: the Prompt API
 * (https://webmachinelearning.github.io/prompt-api/). It lives in windows only, not in workers.
 */

/** Whether the model can be used: at once, after the browser has fetched it, or not on this device. */
export type Availability = 'available' | 'downloadable' | 'downloading' | 'unavailable';

export interface PromptMessage {
	role: 'system' | 'user' | 'assistant';
	content: string;
	/** The model goes on from here; for the last message alone. */
	prefix?: true;
}

interface Kind {
	type: 'text';
	/** BCP 47. */
	languages: string[];
}

/** What the model is asked about; the same for `availability` and `create`. */
export interface SessionKind {
	expectedInputs: Kind[];
	expectedOutputs: Kind[];
}

export interface SessionOptions extends SessionKind {
	initialPrompts?: PromptMessage[];
	signal?: AbortSignal;
	/** Is told how much of the model the browser has fetched. */
	monitor?: (download: EventTarget) => void;
}

/** A conversation with the model; it keeps what was said. */
export interface PromptSession {
	/** Tokens that are in the context. */
	readonly contextUsage: number;
	/** Tokens that fit. */
	readonly contextWindow: number;
	promptStreaming(input: string | PromptMessage[], options: { signal: AbortSignal }): ReadableStream<string>;
	measureContextUsage(input: string | PromptMessage[], options?: { signal?: AbortSignal }): Promise<number>;
	destroy(): void;
}

export interface LanguageModel {
	availability(kind: SessionKind): Promise<Availability>;
	create(options: SessionOptions): Promise<PromptSession>;
}

/** Text in, text out. English is named since the browser wants a language to vouch for. */
export const TEXT: SessionKind = {
	expectedInputs: [{ type: 'text', languages: ['en'] }],
	expectedOutputs: [{ type: 'text', languages: ['en'] }]
};

/** What tells a `monitor` of the browser's download, as a share from 0 to 1. */
export function downloadMonitor(onShare: (share: number) => void): NonNullable<SessionOptions['monitor']> {
	return (download) =>
		download.addEventListener('downloadprogress', (event) =>
			onShare((event as unknown as ProgressEvent).loaded)
		);
}

/** The browser's Prompt API, or undefined where it has none. */
export function languageModel(): LanguageModel | undefined {
	return (globalThis as { LanguageModel?: LanguageModel }).LanguageModel;
}
