import { EngineError, wordsOf } from '../errors.ts';

/**
 * Tokens of a text, from a library that offers no tokenizer. llama.cpp refuses a prompt that is longer
 * than the context, before it has evaluated anything or touched its cache, and says how long the prompt
 * is. So the text is put behind more end marks than fit: they are one token each, and no token reaches
 * across one.
 */
const END_MARKS = ['<|im_end|>', '<|endoftext|>', '</s>', '<|eot_id|>', '<|end_of_text|>', '<end_of_turn>'];
const REFUSAL = /request \((\d+) tokens\) exceeds the available context size/;

/** Asks the engine to answer a prompt, which it is expected to refuse. */
export type Refuse = (prompt: string) => Promise<unknown>;

async function lengthOf(prompt: string, ask: Refuse): Promise<number> {
	try {
		await ask(prompt);
	} catch (error) {
		const length = REFUSAL.exec(wordsOf(error))?.[1];
		if (length !== undefined) return Number(length);
		throw error;
	}
	throw new EngineError('unknown', 'a prompt longer than the context was not refused');
}

export type Counter = (text: string) => Promise<number>;

/** Each refusal costs some ten milliseconds, and a conversation's turns are counted anew with each reply. */
const REMEMBERED = 4096;

/**
 * A counter for the loaded model, which remembers what it has counted.
 * @param contextWindow what the engine was loaded with, in tokens
 * @throws EngineError unknown, for a model none of whose end marks is known
 */
export async function counterFor(contextWindow: number, ask: Refuse): Promise<Counter> {
	for (const mark of END_MARKS) {
		const padding = mark.repeat(contextWindow + 1);
		const base = await lengthOf(padding, ask);
		if (base > contextWindow + 2) continue; // not a token of this model; +2: it may add its own start mark
		const known = new Map([['', 0]]);
		return async (text) => {
			const count = known.get(text) ?? (await lengthOf(padding + text, ask)) - base;
			if (known.size >= REMEMBERED) known.clear();
			known.set(text, count);
			return count;
		};
	}
	throw new EngineError('unknown', 'none of the known end marks is a token of this model');
}
