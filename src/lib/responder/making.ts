import type { Engine, Loaded } from '#lib/engine/engine.ts';
import type { History } from '#lib/history/history.ts';
import type { AnswerJobs } from '#lib/history/jobs.ts';
import type { Answer, AnswerState, Id, Message, Writer } from '#lib/message/message.ts';
import { compose, measure, type Prompt, type Summarise } from './compose.ts';
import { summarise } from './summarise.ts';

/** What an answer is made from, and how that is told. */
export interface Making {
	prompt: Prompt;
	writer: Writer;
	window: number;
}

/** Who writes: a model on an engine. */
export interface Speaker {
	name: string;
	engine: Engine;
	loaded: Loaded;
}

/** How an answer is being worked at. */
export interface Effort {
	/** What is already written of it. */
	start: string;
	/** Whether a summary may be tried: not where the last try is all that is left. */
	mayRisk: boolean;
	signal: AbortSignal;
	/** A summary is being written; the share is from 0 to 1. */
	onSummary(share: number): void;
}

/**
 * Gathers what an answer is made from: what its conversation, or else the device, sets, and the path
 * as far as it fits. The answer is signed with it. One that goes on keeps its seed.
 * @param newSeed a random seed, for when none is set
 * @throws EngineError context-overflow, and what a summary's own reply can throw
 */
export async function prepare(
	{ history, newSeed }: { history: History; newSeed: () => number },
	jobs: AnswerJobs,
	answer: Answer,
	{ name, engine, loaded }: Speaker,
	{ start, mayRisk, signal, onSummary }: Effort
): Promise<Making> {
	const setups = await history.setups();
	const own = await setups.of(answer.conversation);
	const { instructions, sampling = await setups.sampling(), overflow = await setups.overflow() } = own;
	const seed = sampling.seed ?? answer.writer?.sampling?.seed ?? newSeed();
	const drawn = { ...sampling, seed };
	const writer: Writer = {
		model: name,
		engine: engine.kind,
		device: loaded.device,
		// the browser's own model keeps its settings to itself
		...(engine.kind === 'builtin' ? {} : { sampling: drawn }),
		...(instructions ? { instructions: instructions.text } : {})
	};
	await jobs.sign(answer.id, writer);
	const path = await jobs.contextOf(answer);
	const window = loaded.contextWindow;
	const settings = {
		instructions: instructions?.text,
		// however often it is taken up, it gets no longer than it would have been
		drawn: { ...drawn, maxTokens: drawn.maxTokens - (await lengthSoFar(engine, answer, start)) },
		overflow,
		before: beginningOf(answer, path)
	};
	const retell: Summarise = async (messages) => {
		if (!mayRisk) throw new Error('the engine failed at it before');
		const scribe = { engine, window, seed, signal, onProgress: onSummary };
		const { text, from } = await summarise(scribe, messages);
		return keep(history, messages, text, { by: name, ...(from === undefined ? {} : { from }) });
	};
	const prompt = await compose(engine, path, start, window, settings, retell);
	if (prompt.from === undefined) return { prompt, writer, window };
	const { from, summary } = prompt;
	const cut: Writer = { ...writer, from, ...(summary ? { summary } : {}) };
	await jobs.sign(answer.id, cut);
	return { prompt, writer: cut, window };
}

/** Tokens that were written since the answer was asked for, or was last asked to be continued. */
async function lengthSoFar(engine: Engine, { text }: Answer, start: string): Promise<number> {
	if (start.length <= text.length || !start.startsWith(text)) return 0;
	return (await engine.countTokens([start.slice(text.length)]))[0] ?? 0;
}

/** The first message that was given for this answer when it was begun, or else for the one before it. */
function beginningOf(answer: Answer, path: Message[]): Id | undefined {
	if (answer.writer?.from !== undefined) return answer.writer.from;
	const before = path.findLast((message) => message.role === 'assistant' && message.writer !== undefined);
	return before?.role === 'assistant' ? before.writer?.from : undefined;
}

/** Keeps a summary in the history. @returns the messages with it @throws HistoryError */
async function keep(
	history: History,
	messages: Message[],
	text: string,
	more: { by: string; from?: Id }
): Promise<Message[]> {
	const last = messages.at(-1);
	if (!last) return messages;
	const summary = await (await history.summaries()).write(last.id, text, more);
	return [...messages.slice(0, -1), { ...last, summary }];
}

/** Notes with a finished answer what filled the window. @throws EngineError as `Engine.countTokens` does */
export async function account(
	jobs: AnswerJobs,
	answer: Answer,
	engine: Engine,
	{ prompt, writer, window }: Making,
	state: AnswerState
): Promise<void> {
	if (state.kind !== 'done') return;
	const context = await measure(engine, prompt, state.usage, window);
	await jobs.sign(answer.id, { ...writer, context });
}
