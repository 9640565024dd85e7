import { HistoryError } from '#lib/message/errors.ts';
import type { Conversation, Id, Time } from '#lib/message/message.ts';
import { MAX_TITLE_LENGTH } from '#lib/message/text.ts';
import type { Store } from './history.ts';
import { live, type Live } from './live.ts';

/** The list of conversations. */
export class Conversations {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/** The pinned conversations and then the others, each the newest first, at most `limit`, without the deleted ones. */
	newest(limit: number): Live<Conversation[]> {
		const { conversations } = this.#store.database;
		const newestBy = (index: string, pinned: boolean) =>
			conversations
				.orderBy(index)
				.reverse()
				.filter(({ deletedAt, pinnedAt }) => deletedAt === null && pinned === (pinnedAt !== undefined))
				.limit(limit)
				.toArray();
		return live(async () =>
			[...(await newestBy('pinnedAt', true)), ...(await newestBy('updatedAt', false))].slice(0, limit)
		);
	}

	/** One conversation, or undefined when it is not here or is deleted. */
	one(id: Id): Live<Conversation | undefined> {
		const { conversations } = this.#store.database;
		return live(async () => {
			const found = await conversations.get(id);
			return found?.deletedAt === null ? found : undefined;
		});
	}

	/** Gives a conversation another title; one of only white space is refused. @throws HistoryError missing */
	async rename(id: Id, title: string): Promise<void> {
		const trimmed = title.trim().slice(0, MAX_TITLE_LENGTH);
		if (trimmed !== '') await this.#update(id, { title: trimmed });
	}

	/** Puts a conversation on top of the list, or back among the others. @throws HistoryError missing */
	async pin(id: Id, pinned: boolean): Promise<void> {
		const pinnedAt = this.#store.now();
		await this.#update(id, (row) => {
			if (pinned) row.pinnedAt = pinnedAt;
			else delete row.pinnedAt;
		});
	}

	/** Takes a conversation out of the list; `restore` brings it back until it is purged. */
	async remove(id: Id): Promise<void> {
		await this.#update(id, { deletedAt: this.#store.now() });
	}

	async restore(id: Id): Promise<void> {
		await this.#update(id, { deletedAt: null });
	}

	/** Erases for good what was deleted before a time: messages, and conversations with theirs and their drafts. */
	async purge(deletedBefore: Time): Promise<void> {
		const { conversations, messages, drafts } = this.#store.database;
		await this.#store.change(async () => {
			const gone = await conversations
				.filter(({ deletedAt }) => deletedAt !== null && deletedAt < deletedBefore)
				.primaryKeys();
			const lost = [messages.where('deletedAt').below(deletedBefore)];
			for (const id of gone)
				lost.push(messages.where('[conversation+depth]').between([id, -Infinity], [id, Infinity]));
			for (const rows of lost) {
				const ids = await rows.primaryKeys();
				await drafts.bulkDelete(ids);
				await messages.bulkDelete(ids);
			}
			await conversations.bulkDelete(gone);
		});
	}

	async #update(id: Id, change: Partial<Conversation> | ((row: Conversation) => void)): Promise<void> {
		const { conversations } = this.#store.database;
		await this.#store.change(async () => {
			const found = await conversations.update(id, change);
			if (found === 0 && !(await conversations.get(id)))
				throw new HistoryError('missing', `conversation ${id}`);
		});
	}
}
