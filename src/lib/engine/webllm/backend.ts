import { MLCEngine, type AppConfig, type InitProgressReport } from '@mlc-ai/web-llm';
import type { Backend, ReplyEnd } from '../backend.ts';
import type { EngineModel, Loaded, OnProgress, ReplyOptions, Turn } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { chat, goOn, type Chunk } from './completion.ts';
import { readConfig } from './config.ts';
import { failureOf } from './failure.ts';
import { checkGpu } from './gpu.ts';
import { findUnderPlainKeys } from './offline.ts';
import { formatTurns, type ChatTemplate } from './template.ts';
import { tokenizerOf, type Tokenizer } from './tokenizer.ts';

type GpuModel = Extract<EngineModel, { engine: 'webllm' }>;

interface Session {
	engine: MLCEngine;
	template: ChatTemplate;
	tokenizer: Tokenizer;
}

/** Share of the load that reading the weights takes; compiling the shaders is the rest. */
const WEIGHTS = 0.8;

/** Milliseconds in which a lost device is told of after its first consequence. */
const A_MOMENT = 500;

/** WebLLM, called directly in our worker. */
export class WebllmBackend implements Backend {
	/** Rejects when the GPU is lost, and never resolves. */
	readonly #lost: Promise<never>;
	#session: Session | undefined;

	constructor(lost: Promise<never>) {
		this.#lost = lost;
	}

	async load(model: EngineModel, onProgress: OnProgress): Promise<Loaded> {
		if (model.engine !== 'webllm') throw new EngineError('unknown', `not a model for WebLLM: ${model.id}`);
		const { id, url, contextWindow } = model;
		try {
			const { needsF16, template } = await readConfig(url);
			const detail = await checkGpu(needsF16);
			findUnderPlainKeys(url);
			const initProgressCallback = (report: InitProgressReport): void => onProgress(shareOf(report));
			const engine = new MLCEngine({ appConfig: appConfigOf(model, template), initProgressCallback });
			await Promise.race([engine.reload(id), this.#lost]);
			this.#session = { engine, template, tokenizer: tokenizerOf(engine, id) };
			return { device: 'gpu', detail, contextWindow };
		} catch (error) {
			throw await this.#reasonOf(error);
		}
	}

	async *reply(
		turns: Turn[],
		{ params, prefix = '', signal }: ReplyOptions
	): AsyncGenerator<string, ReplyEnd, undefined> {
		const { engine, template, tokenizer } = this.#loaded();
		// Text completion would also do for an answer's start, but keeps no cache.
		const byChat = prefix === '' && turns.at(-1)?.role === 'user';
		const chunks = byChat ? chat(engine, turns, params) : goOn(engine, template, turns, prefix, params);
		const promptTokens = tokenizer.encode(formatTurns(template, turns, prefix)).length;
		const end: ReplyEnd = { promptTokens, cachedTokens: 0, completionTokens: 0, reason: 'end' };
		try {
			for (;;) {
				if (signal.aborted) await engine.interruptGenerate(); // noticed before the next token
				const step = await Promise.race([chunks.next(), this.#lost]);
				if (step.done) return end;
				note(step.value, end);
				yield step.value.text;
			}
		} catch (error) {
			throw await this.#reasonOf(error);
		}
	}

	async countTokens(texts: string[]): Promise<number[]> {
		const { tokenizer } = this.#loaded();
		return texts.map((text) => tokenizer.encode(text).length);
	}

	async unload(): Promise<void> {
		await this.#session?.engine.unload();
		this.#session = undefined;
	}

	/** Over a lost device the library stumbles with whatever it is at; that it is lost may be heard a moment later. */
	async #reasonOf(error: unknown): Promise<EngineError> {
		const lost = this.#lost.catch(failureOf);
		const moment = new Promise<EngineError>((resolve) => setTimeout(resolve, A_MOMENT, failureOf(error)));
		return Promise.race([lost, moment]);
	}

	#loaded(): Session {
		if (!this.#session) throw new EngineError('worker-lost', 'no model is loaded');
		return this.#session;
	}
}

/** Adds what a chunk says to the end of its reply. Version 0.2.79 leaves the first token out of its count. */
function note({ text, finish, usage }: Chunk, end: ReplyEnd): void {
	if (text !== '') end.completionTokens++;
	if (finish === 'length' || finish === 'abort') end.reason = finish === 'abort' ? 'aborted' : finish;
	if (!usage) return;
	end.completionTokens = Math.max(end.completionTokens, usage.completion_tokens);
	end.promptTokens = Math.max(end.promptTokens, usage.prompt_tokens);
	end.cachedTokens = end.promptTokens - usage.prompt_tokens;
}

function shareOf({ progress, text }: InitProgressReport): number {
	if (text.startsWith('Finish')) return 1;
	return /shader/i.test(text) ? WEIGHTS + (1 - WEIGHTS) * progress : WEIGHTS * progress;
}

/**
 * The library's record of a model. Templates that only repeat the text are left out: the library fills
 * them with `String.replace`, which would read "$&" in a person's text.
 */
function appConfigOf({ id, url, library, contextWindow }: GpuModel, template: ChatTemplate): AppConfig {
	const plain = template.isPlain ? { conv_config: { role_templates: undefined } } : {};
	const overrides = { context_window_size: contextWindow, sliding_window_size: -1, ...plain };
	const record = { model_id: id, model: url, model_lib: library, overrides };
	return { model_list: [record as unknown as AppConfig['model_list'][number]] };
}
