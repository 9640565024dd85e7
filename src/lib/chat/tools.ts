import type { History } from '#lib/history/history.ts';
import type { Id } from '#lib/message/message.ts';
import { Branching } from './branching.svelte.ts';
import type { Chat } from './chat.svelte.ts';
import { Desk } from './desk.svelte.ts';
import { Gauge, type Ruler } from './gauge.svelte.ts';
import { Queue } from './queue.svelte.ts';
import { Reading } from './reading.ts';

/** What works on the conversation of a chat; one chunk, since a conversation's page wants most of it. */
export interface ChatTools {
	/** Changes the tree of messages. */
	branching: Branching;
	/** Leads along it. */
	reading: Reading;
	/** Weighs messages for the model's window. */
	gauge: Gauge;
	/** The answers that wait. */
	queue: Queue;
	/** The side of instructions and settings. */
	desk(): Desk;
	/** Ends what follows the history. */
	close(): void;
}

/**
 * @param open shows another conversation
 * @param ruler that of the chosen model; asked anew each time
 */
export function createChatTools(
	history: History,
	chat: Chat,
	open: (conversation: Id) => Promise<void>,
	ruler: () => Promise<Ruler>
): ChatTools {
	const gauge = new Gauge(history, chat, ruler);
	const queue = new Queue(history);
	return {
		branching: new Branching(history, open),
		reading: new Reading(history, chat),
		gauge,
		queue,
		desk: () => new Desk(history, chat),
		close() {
			gauge.close();
			queue.close();
		}
	};
}
