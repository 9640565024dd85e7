import type { Message } from '#lib/message/message.ts';
import { withAttachments } from './attached.ts';

/** One turn as the engines take it. */
export interface PromptTurn {
	role: 'system' | 'user' | 'assistant';
	text: string;
}

/** The instructions a conversation starts with, until a person writes their own. */
export const DEFAULT_SYSTEM_PROMPT = 'You are a helpful assistant.';

/** A message as the model sees it: to the letter, since a changed space costs the engine its cache. */
export function turnOf(message: Message): PromptTurn {
	const attachments = message.role === 'user' ? (message.attachments ?? []) : [];
	const { role, text } = message;
	return { role, text: attachments.length > 0 ? withAttachments(text, attachments) : text };
}

/** Turns of the history that say something: an answer that failed before its first word is left out. */
export function speaking(messages: Message[]): Message[] {
	return messages.filter((message) => message.role === 'user' || message.text !== '');
}
