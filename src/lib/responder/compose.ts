import type { Engine, GenerationParams, Turn } from '#lib/engine/engine.ts';
import { EngineError } from '#lib/engine/errors.ts';
import type { ContextParts, Id, Message, Usage } from '#lib/message/message.ts';
import type { Drawn } from '#lib/message/setup.ts';
import { withoutThinking } from '#lib/message/thinking.ts';
import { DEFAULT_SYSTEM_PROMPT, speaking, turnOf } from '#lib/prompt/turns.ts';
import { fitWindow, TURN_OVERHEAD } from '#lib/prompt/window.ts';

/** What an answer is made with. */
interface Settings {
	/** The system prompt; undefined for the default one. */
	instructions: string | undefined;
	drawn: Drawn;
}

/** What the engine is given. */
export interface Prompt {
	/** The system prompt first, the question last. */
	turns: Turn[];
	params: GenerationParams;
	/** What is already written of the answer. */
	prefix: string;
	/** The first message that is given, where the window has no room for all. */
	from?: Id;
}

/**
 * What the engine is given for an answer: the system prompt, as much of the path as fits, and the
 * question, counted by the model's own tokenizer.
 *
 * @param path the messages up to the question, which is last
 * @param prefix what is already written of the answer
 * @param window tokens of the loaded model's context window
 * @throws EngineError context-overflow when the question alone is too long; its detail says by how much
 */
export async function compose(
	engine: Engine,
	path: Message[],
	prefix: string,
	window: number,
	{ instructions = DEFAULT_SYSTEM_PROMPT, drawn: params }: Settings
): Promise<Prompt> {
	const messages = speaking(path.map(answerAlone));
	const turns = messages.map(turnOf);
	const system: Turn = { role: 'system', text: instructions };
	if (mostTokens([system, ...turns], prefix) + params.maxTokens <= window) {
		return { turns: [system, ...turns], params, prefix };
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
	const first = fit.from > 0 ? messages[fit.from] : undefined;
	return {
		turns: [system, ...turns.slice(fit.from)],
		params: { ...params, maxTokens: fit.answer },
		prefix,
		...(first ? { from: first.id } : {})
	};
}

/** What a model thought of an earlier question is not given back to it: that is how such models were trained. */
function answerAlone(message: Message): Message {
	return message.role === 'user' ? message : { ...message, text: withoutThinking(message.text) };
}

/**
 * Counts what filled the window for an answer that is done. It costs an engine without a tokenizer some
 * time, so it is done when nobody waits for the first word any more; the marks are what remains.
 * @throws EngineError as `Engine.countTokens` does
 */
export async function measure(
	engine: Engine,
	{ turns, prefix }: Prompt,
	usage: Usage,
	window: number
): Promise<ContextParts> {
	const counts = await engine.countTokens([prefix, ...turns.map(({ text }) => text)]);
	const [before = 0, system = 0, ...said] = counts;
	const question = said.at(-1) ?? 0;
	const history = said.slice(0, -1).reduce((sum, tokens) => sum + tokens, 0);
	const frame = Math.max(0, usage.promptTokens - before - system - history - question);
	return { window, system, history, question, frame, answer: before + usage.completionTokens };
}

/**
 * As many tokens as there can be: the tokenizers here are byte-level BPE, which makes at most one of
 * each byte. Counting exactly takes an engine a while, and most conversations are short.
 */
function mostTokens(turns: Turn[], prefix: string): number {
	const bytes = new TextEncoder().encode(prefix + turns.map(({ text }) => text).join('')).length;
	return bytes + (turns.length + 1) * TURN_OVERHEAD;
}
