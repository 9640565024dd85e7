import type { Message } from '#lib/message/message.ts';
import type { Count } from './plan.ts';
import { turnOf, type PromptTurn } from './turns.ts';
import { TURN_OVERHEAD } from './window.ts';

/** The running summary of a conversation: how it is asked for, and how it is given. */

const TASK =
	'You keep the notes of a conversation. Write one short summary, in the language of the conversation: the topics, the facts, names and numbers, what was decided, and what is still open. Write only the summary.';

const BEFORE = 'Summary of what came before:';
const PART = 'The next part of the conversation:';
const WISH = 'Write the summary of all of it now.';

/** Most pieces that a summary is made of: what lies further back would take the model minutes, or hours. */
export const MAX_PIECES = 8;

/** The instructions with the summary of what the model is not given to the letter. */
export function withSummary(instructions: string, summary: string): string {
	return `${instructions}\n\n${BEFORE}\n${summary}`;
}

/** What the model is asked, to take a piece of the conversation into its summary. */
export function summaryTurns(summary: string, piece: string): PromptTurn[] {
	const before = summary === '' ? '' : `${BEFORE}\n${summary}\n\n`;
	return [
		{ role: 'system', text: TASK },
		{ role: 'user', text: `${before}${PART}\n\n${piece}\n\n${WISH}` }
	];
}

/** Tokens that a piece may have beside its question, a summary so far and the one that is to be written. */
export async function pieceRoom(window: number, summary: number, count: Count): Promise<number> {
	const asked = await count(summaryTurns(' ', ' ').map(({ text }) => text));
	return window - 2 * summary - asked.reduce((sum, tokens) => sum + tokens + TURN_OVERHEAD, TURN_OVERHEAD);
}

/** A part of the conversation that fits into one question. */
export interface Piece {
	text: string;
	/** Index of its first message. */
	from: number;
}

/**
 * Cuts messages into pieces of at most `room` tokens. Whole messages stay together; one that is too
 * long by itself is cut in the middle, again and again.
 */
export async function piecesOf(messages: readonly Message[], room: number, count: Count): Promise<Piece[]> {
	const pieces: (Piece & { tokens: number })[] = [];
	for (const [from, message] of messages.entries()) {
		const { role, text } = turnOf(message);
		for (const { text: part, tokens } of await within(
			`${role === 'user' ? 'User' : 'Assistant'}: ${text}`,
			room,
			count
		)) {
			const last = pieces.at(-1);
			// 2 for the empty line between them
			if (last && last.tokens + tokens + 2 <= room) {
				last.text += `\n\n${part}`;
				last.tokens += tokens + 2;
			} else pieces.push({ text: part, from, tokens });
		}
	}
	return pieces.map(({ text, from }) => ({ text, from }));
}

async function within(text: string, room: number, count: Count): Promise<{ text: string; tokens: number }[]> {
	const [tokens = 0] = await count([text]);
	if (tokens <= room || text.length < 2) return [{ text, tokens }];
	let middle = Math.floor(text.length / 2);
	// not between the halves of one character
	if (/[\uD800-\uDBFF]/.test(text.charAt(middle - 1)) && text.length > 2) middle += 1;
	const halves = [text.slice(0, middle), text.slice(middle)];
	return (await Promise.all(halves.map((half) => within(half, room, count)))).flat();
}
