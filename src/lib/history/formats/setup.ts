import type { ContextParts, Summary } from '#lib/message/message.ts';
import type { Drawn, Instructions, Sampling, Setup } from '#lib/message/setup.ts';
import { amount, exactly, type Fields, oneOf, orNull, ownId, type Read, text, wrong } from './reader.ts';

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
	sampling: { optional: exactly(SAMPLING) },
	overflow: { optional: oneOf('drop', 'summary') }
};

/** What stands for a message and all before it. */
export const SUMMARY: Fields<Summary> = {
	text,
	at: amount,
	by: { optional: text },
	from: { optional: ownId }
};

/** What filled the context window. */
export const CONTEXT: Fields<ContextParts> = {
	window: amount,
	system: amount,
	summary: { optional: amount },
	history: amount,
	attachments: { optional: amount },
	question: amount,
	frame: amount,
	answer: amount
};
