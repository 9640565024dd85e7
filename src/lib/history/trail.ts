import { HistoryError } from '#lib/message/errors.ts';
import type { Id, Message } from '#lib/message/message.ts';
import type { Database } from './schema.ts';

/** How many levels of a conversation are read at a time: not so many that a page stands still. */
const STRIDE = 250;

/** What is known of one path: its messages by depth, down from `top`. */
interface Way {
	leaf: Id;
	ids: Map<number, Id>;
	top: Message;
}

/**
 * The way from a leaf towards the root, as far as it was asked for. Where a conversation has branches, only
 * this way tells which message of a depth is on the path; it is gone once for each leaf.
 */
export class Trail {
	readonly #database: Database;
	#way: Way | undefined;

	constructor(database: Database) {
		this.#database = database;
	}

	/** The message at a depth of the path that ends with `leaf`, or the leaf. @throws HistoryError missing */
	async at(leaf: Message, depth: number): Promise<Message> {
		if (depth >= leaf.depth) return leaf;
		if (this.#way?.leaf !== leaf.id) this.#way = { leaf: leaf.id, ids: new Map(), top: leaf };
		const way = this.#way;
		while (way.top.depth > depth) await this.#climb(way);
		const found = await this.#database.messages.get(way.ids.get(depth) ?? '');
		if (!found) throw new HistoryError('missing', `message ${depth} of the path to ${leaf.id}`);
		return found;
	}

	async #climb(way: Way): Promise<void> {
		const { conversation, depth, parent } = way.top;
		const rows = await this.#database.messages
			.where('[conversation+depth]')
			.between([conversation, depth - STRIDE], [conversation, depth], true, false)
			.toArray();
		const byId = new Map(rows.map((message) => [message.id, message]));
		let next = byId.get(parent ?? '');
		if (!next) throw new HistoryError('missing', `message ${parent ?? ''}`);
		for (; next; next = byId.get(next.parent ?? '')) {
			way.ids.set(next.depth, next.id);
			way.top = next;
		}
	}
}
