import type { Backend, ReplyEnd } from '../backend.ts';
import type { EngineModel, Loaded, OnProgress, ReplyOptions, Turn } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { downloadMonitor, type LanguageModel, type PromptMessage, type PromptSession, TEXT } from './api.ts';
import { failureOf } from './failure.ts';

/** The conversation that the browser holds, and what was said in it. */
interface Talk {
	session: PromptSession;
	said: PromptMessage[];
}

/**
 * The browser's own model. Its sampling is the browser's; of a reply's parameters only the longest answer counts, a
 * piece of its stream for a token.
 */
export class BuiltinBackend implements Backend {
	readonly #api: () => LanguageModel | undefined;
	/** An empty conversation: it measures texts. */
	#scale: PromptSession | undefined;
	#talk: Talk | undefined;
	#window = 0;
	#over = false;

	constructor(api: () => LanguageModel | undefined) {
		this.#api = api;
	}

	async load(model: EngineModel, onProgress: OnProgress): Promise<Loaded> {
		if (model.engine !== 'builtin')
			throw new EngineError('unknown', `not the browser's own model: ${model.id}`);
		try {
			const availability = (await this.#api()?.availability(TEXT)) ?? 'unavailable';
			if (availability === 'unavailable') throw new EngineError('no-adapter', 'LanguageModel: unavailable');
			const scale = await this.#create([], onProgress);
			if (this.#over) scale.destroy();
			else this.#scale = scale;
		} catch (error) {
			throw failureOf(error);
		}
		const { contextWindow } = this.#loaded();
		// what the app plans for, as far as the browser has room for it
		this.#window = Math.min(model.contextWindow, contextWindow);
		return { device: 'browser', detail: String(contextWindow), contextWindow: this.#window };
	}

	async *reply(
		turns: Turn[],
		{ params, prefix = '', signal }: ReplyOptions
	): AsyncGenerator<string, ReplyEnd, undefined> {
		const end: ReplyEnd = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reason: 'end' };
		const messages = turns.map(({ role, text }): PromptMessage => ({ role, content: text }));
		const long = new AbortController();
		let text = prefix;
		try {
			const { talk, cached } = await this.#talkOf(messages.slice(0, -1));
			const asked: PromptMessage[] = [
				...messages.slice(-1),
				...(prefix ? [{ role: 'assistant', content: prefix, prefix: true } as const] : [])
			];
			end.cachedTokens = cached;
			end.promptTokens = await this.#fit(talk.session, asked);
			const both = AbortSignal.any([signal, long.signal]);
			for await (const piece of pieces(talk.session.promptStreaming(asked, { signal: both }))) {
				text += piece;
				end.completionTokens++;
				yield piece;
				if (end.completionTokens < params.maxTokens) continue;
				end.reason = 'length';
				long.abort();
				break;
			}
			if (end.reason === 'length') this.#forget();
			else talk.said = [...messages, { role: 'assistant', content: text }];
			return end;
		} catch (error) {
			// what a broken-off reply leaves in the browser's conversation is not known
			this.#forget();
			if (signal.aborted) return { ...end, reason: 'aborted' };
			throw failureOf(error);
		}
	}

	async countTokens(texts: string[]): Promise<number[]> {
		const scale = this.#loaded();
		try {
			// a message's own marks are not the text's
			const marks = await scale.measureContextUsage('');
			const counts = texts.map(async (text) => (await scale.measureContextUsage(text)) - marks);
			return await Promise.all(counts);
		} catch (error) {
			throw failureOf(error);
		}
	}

	unload(): Promise<void> {
		this.#over = true;
		this.#forget();
		this.#scale?.destroy();
		this.#scale = undefined;
		return Promise.resolve();
	}

	/** The conversation in which just this was said: the one that is held, or a new one. */
	async #talkOf(before: PromptMessage[]): Promise<{ talk: Talk; cached: number }> {
		this.#loaded();
		const talk = this.#talk;
		if (talk && isSame(talk.said, before)) return { talk, cached: talk.session.contextUsage };
		this.#forget();
		this.#talk = { session: await this.#create(before), said: before };
		return { talk: this.#talk, cached: 0 };
	}

	/**
	 * The browser would drop the oldest turns by itself; here that is the app's to decide.
	 * @returns tokens of the whole prompt
	 * @throws EngineError context-overflow
	 */
	async #fit(session: PromptSession, asked: PromptMessage[]): Promise<number> {
		const tokens = session.contextUsage + (await session.measureContextUsage(asked));
		if (tokens < this.#window) return tokens;
		throw new EngineError('context-overflow', `${tokens} tokens, room for ${this.#window}`);
	}

	#create(initialPrompts: PromptMessage[], onProgress: OnProgress = () => undefined): Promise<PromptSession> {
		const api = this.#api();
		if (!api) throw new EngineError('no-adapter', 'LanguageModel is absent');
		return api.create({ ...TEXT, initialPrompts, monitor: downloadMonitor(onProgress) });
	}

	#forget(): void {
		this.#talk?.session.destroy();
		this.#talk = undefined;
	}

	#loaded(): PromptSession {
		if (!this.#scale) throw new EngineError('worker-lost', 'no model is loaded');
		return this.#scale;
	}
}

function isSame(said: PromptMessage[], turns: PromptMessage[]): boolean {
	return (
		said.length === turns.length &&
		said.every(({ role, content }, n) => role === turns[n]?.role && content === turns[n].content)
	);
}

/** A stream's pieces; not every browser lets a stream be iterated. */
async function* pieces(stream: ReadableStream<string>): AsyncGenerator<string, void, undefined> {
	const reader = stream.getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			if (value !== '') yield value;
		}
	} finally {
		await reader.cancel().catch(() => undefined); // one that has failed cannot be cancelled
	}
}
