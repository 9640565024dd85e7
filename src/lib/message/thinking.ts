import type { Message } from './message.ts';

/** A model that thinks aloud writes its thinking at the start of the answer, between these marks. */
const OPEN = '<think>';
const CLOSE = '</think>';

/** An answer whose thinking and whose answer proper are told apart. */
export interface Thought {
	thinking: string;
	/** Whether the thinking has come to its end. */
	done: boolean;
	/** What follows it. */
	answer: string;
}

/**
 * Tells thinking and answer apart, in a text that may still grow.
 * @returns undefined for a text that does not begin with thinking
 */
export function splitThinking(text: string): Thought | undefined {
	const start = text.trimStart();
	if (!start.startsWith(OPEN)) return undefined;
	const end = start.indexOf(CLOSE);
	if (end < 0) return { thinking: start.slice(OPEN.length).trim(), done: false, answer: '' };
	return {
		thinking: start.slice(OPEN.length, end).trim(),
		done: true,
		answer: start.slice(end + CLOSE.length).trimStart()
	};
}

/** The answer proper; a text without thinking is all answer, to the letter. */
export function withoutThinking(text: string): string {
	return splitThinking(text)?.answer ?? text;
}

/** What a model thought of an earlier question is not given back to it: that is how such models were trained. */
export function answerAlone(message: Message): Message {
	return message.role === 'user' ? message : { ...message, text: withoutThinking(message.text) };
}
