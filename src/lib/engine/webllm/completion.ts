import type { CompletionCreateParamsBase, CompletionUsage, MLCEngineInterface } from '@mlc-ai/web-llm';
import type { GenerationParams, Turn } from '../engine.ts';
import { formatTurns, type ChatTemplate } from './template.ts';

/** One chunk of the library's stream. The usage comes last, in a chunk of its own. */
export interface Chunk {
	text: string;
	finish: string | null;
	usage?: CompletionUsage;
}

type Sampling = Pick<
	CompletionCreateParamsBase,
	| 'temperature'
	| 'top_p'
	| 'max_tokens'
	| 'presence_penalty'
	| 'frequency_penalty'
	| 'repetition_penalty'
	| 'seed'
>;

/**
 * A model's config may ask for a repetition penalty. It counts what one call has generated, so an answer
 * that goes on in a second call would not be the one that was begun: there is none.
 */
function samplingOf(params: GenerationParams): Sampling {
	const { temperature, topP, maxTokens, presencePenalty, frequencyPenalty, seed } = params;
	return {
		temperature,
		top_p: topP,
		max_tokens: maxTokens,
		presence_penalty: presencePenalty ?? 0,
		frequency_penalty: frequencyPenalty ?? 0,
		repetition_penalty: 1,
		...(seed === undefined ? {} : { seed })
	};
}

const STREAM = { stream: true, stream_options: { include_usage: true } } as const;

/** Answers the last turn. Turns equal to the letter to those of the last call are not read again. */
export async function* chat(
	engine: MLCEngineInterface,
	turns: readonly Turn[],
	params: GenerationParams
): AsyncGenerator<Chunk, void, undefined> {
	const messages = turns.map(({ role, text }) => ({
		role,
		content: role === 'system' ? unspecial(text) : text
	}));
	const chunks = await engine.chat.completions.create({ ...STREAM, ...samplingOf(params), messages });
	for await (const { choices, usage } of chunks)
		yield chunkOf(choices[0]?.delta.content, choices[0]?.finish_reason, usage);
}

/** Goes on with an answer; the library can do so only as plain text completion, and reads all turns anew. */
export async function* goOn(
	engine: MLCEngineInterface,
	template: ChatTemplate,
	turns: readonly Turn[],
	prefix: string,
	params: GenerationParams
): AsyncGenerator<Chunk, void, undefined> {
	const prompt = formatTurns(template, turns, prefix);
	const chunks = await engine.completions.create({ ...STREAM, ...samplingOf(params), prompt });
	for await (const { choices, usage } of chunks)
		yield chunkOf(choices[0]?.text, choices[0]?.finish_reason, usage);
}

/** The library puts the system text in with `String.replace`, which reads "$&" and the like in it. */
function unspecial(text: string): string {
	return text.replaceAll('$', '$$$$');
}

function chunkOf(
	text: string | null | undefined,
	finish: string | null | undefined,
	usage: CompletionUsage | undefined
): Chunk {
	return { text: text ?? '', finish: finish ?? null, ...(usage ? { usage } : {}) };
}
