import type { ContextParts } from '#lib/message/message.ts';
import type { Drawn, Instructions, Sampling, Setup } from '#lib/message/setup.ts';
import { amount, exactly, type Fields, orNull, type Read, text, wrong } from './reader.ts';

const number: Read<number> = (value, at) =>
	typeof value === 'number' && Number.isFinite(value) ? value : wrong(at, 'a number', value);

/** How words are drawn, in the file as in the history. */
export const SAMPLING: Fields<Sampling> = {
	temperature: amount,
	topP: amount,
	maxTokens: amount,
	presencePenalty: number,
	frequencyPenalty: number,
	seed: orNull(amount)
};

/** The same, once it was drawn. */
export const DRAWN: Fields<Drawn> = { ...SAMPLING, seed: amount };

const INSTRUCTIONS: Fields<Instructions> = { id: text, text };

/** What a conversation sets for itself. */
export const SETUP: Fields<Setup> = {
	instructions: { optional: exactly(INSTRUCTIONS) },
	sampling: { optional: exactly(SAMPLING) }
};

/** What filled the context window. */
export const CONTEXT: Fields<ContextParts> = {
	window: amount,
	system: amount,
	history: amount,
	question: amount,
	frame: amount,
	answer: amount
};
