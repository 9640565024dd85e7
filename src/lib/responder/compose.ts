import type { Engine, GenerationParams, Turn } from '#lib/engine/engine.ts';
import { EngineError } from '#lib/engine/errors.ts';
import type { ContextParts, Id, Message, Usage, Writer } from '#lib/message/message.ts';
import type { Drawn, Overflow } from '#lib/message/setup.ts';
import { answerAlone } from '#lib/message/thinking.ts';
import { type Given, type Material, planPrompt } from '#lib/prompt/plan.ts';
import { withSummary } from '#lib/prompt/summary.ts';
import { DEFAULT_SYSTEM_PROMPT, speaking, turnOf } from '#lib/prompt/turns.ts';
import { TURN_OVERHEAD } from '#lib/prompt/window.ts';

/** What an answer is made with. */
export interface Settings {
	/** The system prompt; undefined for the default one. */
	instructions: string | undefined;
	drawn: Drawn;
	overflow: Overflow;
	/** The first message that the answer before was given, where that was not all. */
	before: Id | undefined;
}

/** What the engine is given. */
export interface Prompt {
	/** The system prompt first, the question last. */
	turns: Turn[];
	params: GenerationParams;
	/** What is already written of the answer. */
	prefix: string;
	/** The system prompt without the summary that may follow it. */
	instructions: string;
	/** The question without its files. */
	asked: string;
	/** The first message that is given, where the window has no room for all. */
	from?: Id;
	/** The summary of what comes before that, or why there is none. */
	summary?: NonNullable<Writer['summary']>;
}

/** Has the messages summarised, the last of which then carries the summary. @returns them again, with it */
export type Summarise = (messages: Message[]) => Promise<Message[]>;

/** Failures of a summary that the whole answer shares. */
const SHARED: readonly string[] = ['aborted', 'device-lost', 'worker-lost', 'out-of-memory'];

/**
 * What the engine is given for an answer: the system prompt, as much of the path as fits, and the
 * question, counted by the model's own tokenizer. Where the person wants it, what does not fit is
 * summarised first; when that fails it is left out.
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
	settings: Settings,
	summarise: Summarise
): Promise<Prompt> {
	const { instructions = DEFAULT_SYSTEM_PROMPT, drawn: params, overflow, before } = settings;
	const messages = speaking(path.map(answerAlone));
	const question = messages.at(-1);
	const history = messages.slice(0, -1);
	const asked = question ? turnOf(question) : { role: 'user' as const, text: '' };
	const start = { params, prefix, instructions, asked: question?.text ?? '' };
	const system: Turn = { role: 'system', text: instructions };
	const all = [system, ...history.map(turnOf), asked];
	if (mostTokens(all, prefix) + params.maxTokens <= window) return { ...start, turns: all };
	const wished = params.maxTokens;
	const material = { instructions, question: asked.text, prefix, window, wished, overflow, before };
	const { given, told, failure } = await decide(engine, { ...material, history }, summarise);
	const first = given.from > 0 ? told[given.from] : undefined;
	const summary = given.summary === undefined ? undefined : told[given.summary]?.summary?.text;
	return {
		...start,
		turns: [
			summary === undefined ? system : { role: 'system', text: withSummary(instructions, summary) },
			...told.slice(given.from).map(turnOf),
			asked
		],
		params: { ...params, maxTokens: given.answer },
		...(given.from > 0 ? { from: (first ?? question)?.id ?? '' } : {}),
		...(summary === undefined ? {} : { summary: { kind: 'given', text: summary } }),
		...(summary === undefined && failure !== undefined
			? { summary: { kind: 'failed', detail: failure } }
			: {})
	};
}

/** What is given, after a summary was made where one was needed; `told` is the history with it. */
async function decide(
	engine: Engine,
	material: Material,
	summarise: Summarise
): Promise<{ given: Given; told: Message[]; failure?: string }> {
	const count = (texts: string[]) => engine.countTokens(texts);
	const plan = await planPrompt(material, count);
	const { history, overflow } = material;
	if (plan.kind === 'too-long') {
		throw new EngineError('context-overflow', `${plan.tokens} tokens, room for ${plan.room}`);
	}
	if (plan.kind === 'give') {
		const bare = overflow === 'summary' && plan.given.from > 0 && plan.given.summary === undefined;
		return {
			given: plan.given,
			told: history,
			...(bare ? { failure: 'the window has no room for it' } : {})
		};
	}
	try {
		const told = [...(await summarise(history.slice(0, plan.from))), ...history.slice(plan.from)];
		const again = await planPrompt({ ...material, history: told }, count);
		if (again.kind === 'give') return { given: again.given, told };
		return { given: plan.given, told, failure: 'the summary is too long' };
	} catch (error) {
		if (error instanceof EngineError && SHARED.includes(error.kind)) throw error;
		return {
			given: plan.given,
			told: history,
			failure: error instanceof Error ? error.message : String(error)
		};
	}
}

/**
 * Counts what filled the window for an answer that is done. It costs an engine without a tokenizer some
 * time, so it is done when nobody waits for the first word any more; the marks are what remains.
 * @throws EngineError as `Engine.countTokens` does
 */
export async function measure(
	engine: Engine,
	{ turns, prefix, instructions, asked }: Prompt,
	usage: Usage,
	window: number
): Promise<ContextParts> {
	const counts = await engine.countTokens([prefix, instructions, asked, ...turns.map(({ text }) => text)]);
	const [before = 0, system = 0, question = 0, told = 0, ...said] = counts;
	const whole = said.at(-1) ?? 0;
	const history = said.slice(0, -1).reduce((sum, tokens) => sum + tokens, 0);
	const frame = Math.max(0, usage.promptTokens - before - told - history - whole);
	return {
		window,
		system,
		...(told === system ? {} : { summary: told - system }),
		history,
		...(whole === question ? {} : { attachments: whole - question }),
		question,
		frame,
		answer: before + usage.completionTokens
	};
}

/**
 * As many tokens as there can be: the tokenizers here are byte-level BPE, which makes at most one of
 * each byte. Counting exactly takes an engine a while, and most conversations are short.
 */
function mostTokens(turns: Turn[], prefix: string): number {
	const bytes = new TextEncoder().encode(prefix + turns.map(({ text }) => text).join('')).length;
	return bytes + (turns.length + 1) * TURN_OVERHEAD;
}
