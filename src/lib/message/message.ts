import type { Attachment } from './attachment.ts';
import type { Drawn, Setup } from './setup.ts';

/**
 * The words of the history: what a conversation and a message are. A message knows its parent, so a
 * conversation is a tree of messages and what the page shows is one path through it.
 */

/** A random identifier (UUID v4); tests hand in their own. */
export type Id = string;

/** Milliseconds since the epoch, from the clock that `app.ts` hands in. */
export type Time = number;

/** Tokens counted by the model's own tokenizer, durations in milliseconds. */
export interface Usage {
	promptTokens: number;
	completionTokens: number;
	timeToFirstToken: number;
	/** Decoding alone, without the prefill. */
	tokensPerSecond: number;
}

/** What filled the context window for an answer, in tokens of the model's own tokenizer. */
export interface ContextParts {
	window: number;
	system: number;
	/** The summary that stood for earlier turns, where one did. */
	summary?: number;
	/** The turns before the question that were given. */
	history: number;
	/** The files of the question, where it has some; `question` is the rest of it. */
	attachments?: number;
	question: number;
	/** The marks between the turns. */
	frame: number;
	answer: number;
}

/** Which model and engine wrote an answer, by their names in the catalogue, and what they were given. */
export interface Writer {
	model: string;
	engine: string;
	/** Where it ran; the browser's own model does not tell. */
	device?: 'gpu' | 'cpu' | 'browser';
	/** The system prompt, to the letter. */
	instructions?: string;
	sampling?: Drawn;
	/** The first message that was given, where the window had no room for all. */
	from?: Id;
	/** The summary that was given of what came before `from`, to the letter, or why there was none. */
	summary?: { kind: 'given'; text: string } | { kind: 'failed'; detail: string };
	/** Counted once the answer is done. */
	context?: ContextParts;
}

/** Why an answer could not be written; the words for people are in `i18n`. */
export interface Failure {
	kind: string;
	/** The engine's own words, for a bug report. */
	detail: string;
}

/** What an answer is written with: what the person chose, that with a smaller context, or the other engine. */
export type Footing = 'chosen' | 'smaller' | 'other';

/** What befell an answer on its way, and what it went on with. */
export interface Mishap {
	/** The kind of the engine's failure, or "interrupted" where whoever wrote it is gone. */
	cause: string;
	then: Footing;
	at: Time;
}

/**
 * The life of an answer: queued → writing → done, or stopped by a person, or failed.
 * `by` names the responder that writes it; the text so far is in the answer's draft. `attempts` counts how often
 * it was taken on this footing since a word of it came last; `from` is how long its text was when it was taken.
 */
export type AnswerState =
	| { kind: 'queued'; since: Time }
	| { kind: 'writing'; by: Id; since: Time; attempts: number; from?: number; footing?: Footing }
	| { kind: 'stopping'; by: Id; since: Time }
	| { kind: 'done'; at: Time; usage: Usage; reason: 'end' | 'length' }
	| { kind: 'stopped'; at: Time }
	| { kind: 'failed'; at: Time; failure: Failure };

/** What stands, for the model, for a message and all that came before it on its path. */
export interface Summary {
	text: string;
	at: Time;
	/** The model that wrote it; absent where a person did, or changed it. */
	by?: string;
	/** The first message it tells of, where it does not begin with the conversation. */
	from?: Id;
}

interface MessageBase {
	id: Id;
	conversation: Id;
	/** The message this one follows, or null for the first of its conversation. */
	parent: Id | null;
	/** How many messages precede it on its path; the first has 0. */
	depth: number;
	createdAt: Time;
	text: string;
	/** When it was deleted, with all that follows it, while that can still be undone; absent on all others. */
	deletedAt?: Time;
	/** A summary of it and all before it, once one was wanted; its path has no other messages up to here. */
	summary?: Summary;
}

/** What a person wrote. */
export interface Question extends MessageBase {
	role: 'user';
	/** The files that were sent with it. */
	attachments?: Attachment[];
}

/** What a model wrote, or is to write. `text` is what is final; while it is written see the draft. */
export interface Answer extends MessageBase {
	role: 'assistant';
	state: AnswerState;
	/** Who wrote it, from the moment it is claimed. */
	writer?: Writer;
	/** What befell it last, where something did. */
	mishap?: Mishap;
}

export type Message = Question | Answer;

export interface Conversation {
	id: Id;
	title: string;
	createdAt: Time;
	updatedAt: Time;
	/** The last message of the path that is shown, or null while the conversation is empty. */
	leaf: Id | null;
	/** When it was deleted, while that can still be undone; null for all others. */
	deletedAt: Time | null;
	/** When it was pinned to the top of the list; absent for all others. */
	pinnedAt?: Time;
	/** What it sets for itself; absent as long as nothing was set. */
	setup?: Setup;
}

/** The text of an answer so far, written about once a second while it grows. */
export interface Draft {
	/** The answer's id. */
	message: Id;
	text: string;
	at: Time;
}

/** Whether an answer will still change by itself. */
export function isOpen(state: AnswerState): boolean {
	return state.kind === 'queued' || state.kind === 'writing' || state.kind === 'stopping';
}
