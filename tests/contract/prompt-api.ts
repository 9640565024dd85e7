import type {
	Availability,
	LanguageModel,
	PromptMessage,
	PromptSession,
	SessionOptions
} from '#lib/engine/builtin/api.ts';
import type { Turn } from '#lib/engine/engine.ts';
import { WllamaBackend } from '#lib/engine/wllama/backend.ts';
import { writeSelfTestGguf } from '../../scripts/talking/gguf.ts';

/** Tokens around a message. */
const MARKS = 4;

const turnsOf = (messages: PromptMessage[]): Turn[] =>
	messages.map(({ role, content }) => ({ role, text: content }));
const messagesOf = (input: string | PromptMessage[]): PromptMessage[] =>
	typeof input === 'string' ? [{ role: 'user', content: input }] : input;

/**
 * The Prompt API of a browser that has a model: the Self-test, on llama.cpp. The browsers of the tests have the
 * interface and no model for it.
 */
export class SelfTestLanguageModel implements LanguageModel {
	/** Sessions that are not destroyed yet. */
	open = 0;
	readonly #contextWindow: number;
	/** What the model does, one thing after the other. */
	#queue: Promise<unknown> = Promise.resolve();
	#backend: Promise<WllamaBackend> | undefined;

	constructor(contextWindow: number) {
		this.#contextWindow = contextWindow;
	}

	async availability(): Promise<Availability> {
		return Promise.resolve('available');
	}

	async create({ initialPrompts = [], monitor, signal }: SessionOptions): Promise<PromptSession> {
		signal?.throwIfAborted();
		const backend = await (this.#backend ??= this.#load());
		const download = new EventTarget();
		monitor?.(download);
		for (const loaded of [0, 1])
			download.dispatchEvent(new ProgressEvent('downloadprogress', { loaded, total: 1 }));
		this.open++;
		return this.#session(backend, [...initialPrompts]);
	}

	async #load(): Promise<WllamaBackend> {
		const backend = new WllamaBackend();
		const weights = [new Blob([writeSelfTestGguf()])];
		const model = { id: 'self-test', engine: 'wllama', contextWindow: this.#contextWindow, weights } as const;
		await backend.load(model, () => undefined);
		return backend;
	}

	/** Runs a piece of the model's work once it is free. */
	#inTurn<T>(work: () => Promise<T>): Promise<T> {
		const done = this.#queue.then(work);
		this.#queue = done.catch(() => undefined);
		return done;
	}

	async #session(backend: WllamaBackend, said: PromptMessage[]): Promise<PromptSession> {
		const contextWindow = this.#contextWindow;
		const ended = new AbortController();
		const count = async (messages: PromptMessage[]): Promise<number> => {
			const counts = await backend.countTokens(messages.map(({ content }) => content));
			return counts.reduce((sum, tokens) => sum + tokens + MARKS, 0);
		};
		let contextUsage = await this.#inTurn(() => count(said));
		const speak = async (asked: PromptMessage[], signal: AbortSignal, say: (piece: string) => void) => {
			const last = asked.at(-1);
			const prefix = last?.prefix ? last.content : '';
			const turns = turnsOf([...said, ...(prefix ? asked.slice(0, -1) : asked)]);
			const params = { temperature: 0, topP: 1, maxTokens: contextWindow };
			let text = '';
			for await (const piece of backend.reply(turns, { params, prefix, signal })) {
				if (signal.aborted) continue;
				text += piece;
				say(piece);
			}
			signal.throwIfAborted();
			said.push(...asked, { role: 'assistant', content: text });
			contextUsage = await count(said);
		};
		return {
			get contextUsage() {
				return contextUsage;
			},
			contextWindow,
			promptStreaming: (input, { signal }) => {
				const either = AbortSignal.any([signal, ended.signal]);
				return new ReadableStream({
					start: (stream) => {
						this.#inTurn(() => speak(messagesOf(input), either, (piece) => stream.enqueue(piece))).then(
							() => stream.close(),
							(error: unknown) => stream.error(error)
						);
					}
				});
			},
			measureContextUsage: (input) => this.#inTurn(() => count(messagesOf(input))),
			destroy: () => {
				if (!ended.signal.aborted) this.open--;
				ended.abort();
			}
		};
	}
}
