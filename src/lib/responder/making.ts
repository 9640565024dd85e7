import type { Engine, Loaded } from '#lib/engine/engine.ts';
import type { History } from '#lib/history/history.ts';
import type { AnswerJobs } from '#lib/history/jobs.ts';
import type { Answer, AnswerState, Writer } from '#lib/message/message.ts';
import { compose, measure, type Prompt } from './compose.ts';

/** What an answer is made from, and how that is told. */
export interface Making {
	prompt: Prompt;
	writer: Writer;
	window: number;
}

/** Who writes: a model on an engine. */
interface Speaker {
	name: string;
	engine: Engine;
	loaded: Loaded;
}

/**
 * Gathers what an answer is made from: what its conversation, or else the device, sets, and the path
 * as far as it fits. The answer is signed with it. One that goes on keeps its seed.
 * @param start what is already written of the answer
 * @param newSeed a random seed, for when none is set
 * @throws EngineError context-overflow
 */
export async function prepare(
	{ history, newSeed }: { history: History; newSeed: () => number },
	jobs: AnswerJobs,
	answer: Answer,
	{ name, engine, loaded }: Speaker,
	start: string
): Promise<Making> {
	const setups = await history.setups();
	const { instructions, sampling = await setups.sampling() } = await setups.of(answer.conversation);
	const seed = sampling.seed ?? answer.writer?.sampling?.seed ?? newSeed();
	const drawn = { ...sampling, seed };
	const writer: Writer = {
		model: name,
		engine: engine.kind,
		device: loaded.device,
		sampling: drawn,
		...(instructions ? { instructions: instructions.text } : {})
	};
	await jobs.sign(answer.id, writer);
	const path = await jobs.contextOf(answer);
	const window = loaded.contextWindow;
	const prompt = await compose(engine, path, start, window, { instructions: instructions?.text, drawn });
	if (prompt.from === undefined) return { prompt, writer, window };
	const cut: Writer = { ...writer, from: prompt.from };
	await jobs.sign(answer.id, cut);
	return { prompt, writer: cut, window };
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
