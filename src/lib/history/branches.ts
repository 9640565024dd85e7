import { HistoryError } from '#lib/message/errors.ts';
import type { Id, Message } from '#lib/message/message.ts';
import type { Store } from './history.ts';
import { answerTo } from './messages.ts';

/** The tree beside the path that is shown: other versions of messages, and the way to them. */
export class Branches {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/** Asks for another answer to the same question; the earlier one stays beside it. @throws HistoryError missing */
	async retry(id: Id): Promise<Id> {
		const { database, change, now } = this.#store;
		return change(async () => {
			const answer = await database.messages.get(id);
			const question = answer?.parent ? await database.messages.get(answer.parent) : undefined;
			if (!question) throw new HistoryError('missing', `message ${id}`);
			const again = answerTo(question, this.#store);
			await database.messages.add(again);
			await database.conversations.update(question.conversation, { leaf: again.id, updatedAt: now() });
			return again.id;
		});
	}

	/** Shows the path through this message, down its newest branch. @throws HistoryError missing */
	async show(id: Id): Promise<void> {
		const { database, change } = this.#store;
		await change(async () => {
			let leaf = await database.messages.get(id);
			if (!leaf) throw new HistoryError('missing', `message ${id}`);
			for (let next: Message | undefined = leaf; next; next = await this.#newestChild(leaf.id)) leaf = next;
			await database.conversations.update(leaf.conversation, { leaf: leaf.id });
		});
	}

	async #newestChild(id: Id): Promise<Message | undefined> {
		const children = await this.#store.database.messages.where('parent').equals(id).sortBy('createdAt');
		return children.at(-1);
	}
}
