import type { Engine, GenerationParams, Turn } from '#lib/engine/engine.ts';
import { EngineError } from '#lib/engine/errors.ts';
import type { Message } from '#lib/message/message.ts';
import { DEFAULT_SYSTEM_PROMPT, speaking, turnOf } from '#lib/prompt/turns.ts';
import { fitWindow, TURN_OVERHEAD } from '#lib/prompt/window.ts';

/**
 * What the engine is given for an answer: the system prompt, as much of the path as fits, and the
 * question, counted by the model's own tokenizer.
 *
 * @param messages the path up to the question, which is last
 * @param prefix what is already written of the answer
 * @param window tokens of the loaded model's context window
 * @throws EngineError context-overflow when the question alone is too long; its detail says by how much
 */
export async function compose(
	engine: Engine,
	messages: Message[],
	prefix: string,
	window: number,
	params: GenerationParams
): Promise<{ turns: Turn[]; params: GenerationParams }> {
	const turns = speaking(messages).map(turnOf);
	const system: Turn = { role: 'system', text: DEFAULT_SYSTEM_PROMPT };
	if (mostTokens([system, ...turns], prefix) + params.maxTokens <= window) {
		return { turns: [system, ...turns], params };
	}
	const counts = await engine.countTokens([system.text, prefix, ...turns.map(({ text }) => text)]);
	const [systemTokens = 0, prefixTokens = 0, ...turnTokens] = counts;
	const weights = {
		system: systemTokens,
		history: turnTokens.slice(0, -1),
		question: turnTokens.at(-1) ?? 0,
		prefix: prefixTokens
	};
	const fit = fitWindow(weights, window, params.maxTokens);
	if (fit.kind === 'too-long') {
		throw new EngineError('context-overflow', `${fit.tokens} tokens, room for ${fit.room}`);
	}
	return { turns: [system, ...turns.slice(fit.from)], params: { ...params, maxTokens: fit.answer } };
}

/**
 * As many tokens as there can be: the tokenizers here are byte-level BPE, which makes at most one of
 * each byte. Counting exactly takes an engine a while, and most conversations are short.
 */
function mostTokens(turns: Turn[], prefix: string): number {
	const bytes = new TextEncoder().encode(prefix + turns.map(({ text }) => text).join('')).length;
	return bytes + (turns.length + 1) * TURN_OVERHEAD;
}
