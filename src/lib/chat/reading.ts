import type { History } from '#lib/history/history.ts';
import type { PathPart } from '#lib/history/messages.ts';
import type { Trail } from '#lib/history/trail.ts';
import { HistoryError } from '#lib/message/errors.ts';
import type { Id } from '#lib/message/message.ts';
import type { Chat } from './chat.svelte.ts';

/** How many messages are shown on either side of one that was looked for. */
const AROUND = 25;

/** Leads a reader along a conversation, of which the page never holds more than a part. */
export class Reading {
	readonly #history: History;
	readonly #chat: Chat;
	#trail: Promise<Trail> | undefined;
	/** Counts what was asked for: only the last counts. */
	#wishes = 0;

	constructor(history: History, chat: Chat) {
		this.#history = history;
		this.#chat = chat;
	}

	/** Shows the messages from one depth to another, both included; without `last` to the end, by itself the end. */
	async show({ first, last }: { first?: number; last?: number } = {}): Promise<void> {
		const wish = ++this.#wishes;
		const part: PathPart = first === undefined ? {} : { first };
		if (last !== undefined) {
			const trail = await (this.#trail ??= this.#history.trail());
			part.end = (leaf) => trail.at(leaf, last);
		}
		if (wish === this.#wishes) this.#chat.look(part);
	}

	/** Shows the part around a message. A link to one that is gone leads to its conversation alone. */
	async reveal(id: Id): Promise<void> {
		const branches = await this.#history.branches();
		try {
			const { depth } = await branches.show(id);
			await this.show({ first: depth - AROUND, last: depth + AROUND });
		} catch (error) {
			if (!(error instanceof HistoryError) || error.kind !== 'missing') throw error;
		}
	}
}
