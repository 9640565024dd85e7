import type { ResultTimings, Wllama } from '@wllama/wllama/esm/index.js';
import type { GenerationParams, ReplyOptions, Turn } from '../engine.ts';
import { formatOf } from '../formats.ts';

/** One step of the library's stream; the text is empty while it reads the prompt. */
export interface Step {
	text: string;
	finish: string | null;
	timings?: ResultTimings;
}

/** Temperature and top-p alone, as all engines share them: llama.cpp would also apply top-k and min-p. */
function samplingOf(params: GenerationParams): Record<string, number> {
	const { temperature, topP, maxTokens, presencePenalty, frequencyPenalty, seed } = params;
	return {
		temperature,
		top_p: topP,
		top_k: 0,
		min_p: 0,
		max_tokens: maxTokens,
		presence_penalty: presencePenalty ?? 0,
		frequency_penalty: frequencyPenalty ?? 0,
		...(seed === undefined ? {} : { seed })
	};
}

/**
 * Streams an answer. A model of a known format is given the finished prompt, since only so can an answer
 * go on from its middle; any other the turns, for the template in its file.
 */
export async function* complete(
	wllama: Wllama,
	turns: readonly Turn[],
	{ params, prefix = '', signal }: ReplyOptions
): AsyncGenerator<Step, void, undefined> {
	const options = {
		...samplingOf(params),
		stream: true as const,
		abortSignal: signal,
		timings_per_token: true,
		return_progress: true
	};
	const format = formatOf(wllama.getChatTemplate() ?? '<|im_start|><|im_end|>');
	if (format) {
		const prompt = format(turns, prefix);
		for await (const { choices, timings } of await wllama.createCompletion({ ...options, prompt }))
			yield stepOf(choices[0]?.text, choices[0]?.finish_reason, timings);
		return;
	}
	const begun: Turn[] = prefix === '' ? [] : [{ role: 'assistant', text: prefix }];
	const messages = [...turns, ...begun].map(({ role, text }) => ({ role, content: text }));
	for await (const { choices, timings } of await wllama.createChatCompletion({ ...options, messages }))
		yield stepOf(choices[0]?.delta.content, choices[0]?.finish_reason, timings);
}

function stepOf(
	text: string | null | undefined,
	finish: string | null | undefined,
	timings: ResultTimings | undefined
): Step {
	return { text: text ?? '', finish: finish ?? null, ...(timings ? { timings } : {}) };
}
