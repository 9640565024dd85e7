import { HistoryError } from '#lib/message/errors.ts';
import {
	type Answer,
	type Conversation,
	type Id,
	isOpen,
	type Message,
	type Question
} from '#lib/message/message.ts';
import { titleOf } from '#lib/message/text.ts';
import type { Store } from './history.ts';
import { live, type Live } from './live.ts';

/** A message on the path that is shown, and the messages that could stand in its place, oldest first. */
export interface PathEntry {
	message: Message;
	versions: Id[];
}

/** The end of a conversation's path. `earlier` counts the messages before the first entry. */
export interface Path {
	conversation: Conversation;
	entries: PathEntry[];
	earlier: number;
}

/** The tree of messages, as a person sees and grows it. */
export class Messages {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/** The last `limit` messages of the path that ends at the conversation's leaf; undefined when it is not here. */
	path(conversation: Id, limit: number): Live<Path | undefined> {
		return live(() => this.readPath(conversation, limit));
	}

	/** Reads once what `path` tells. */
	async readPath(id: Id, limit: number): Promise<Path | undefined> {
		const { conversations, messages } = this.#store.database;
		const conversation = await conversations.get(id);
		if (!conversation || conversation.deletedAt !== null) return undefined;
		const leaf = conversation.leaf === null ? undefined : await messages.get(conversation.leaf);
		if (!leaf) return { conversation, entries: [], earlier: 0 };
		const first = Math.max(0, leaf.depth - limit + 1);
		const near = await messages
			.where('[conversation+depth]')
			.between([id, first], [id, leaf.depth], true, true)
			.toArray();
		const entries = entriesUpTo(leaf, near);
		return { conversation, entries, earlier: leaf.depth + 1 - entries.length };
	}

	/**
	 * Adds a question and the answer it waits for, and the conversation if there is none yet.
	 * @throws HistoryError missing, full
	 */
	async ask(text: string, conversation?: Id): Promise<{ conversation: Id; question: Id; answer: Id }> {
		const { database, change, newId, now } = this.#store;
		return change(async () => {
			const home =
				conversation === undefined ? this.#newConversation(text) : await this.#conversation(conversation);
			const parent = home.leaf === null ? undefined : await database.messages.get(home.leaf);
			const question: Question = {
				id: newId(),
				conversation: home.id,
				parent: parent?.id ?? null,
				depth: parent ? parent.depth + 1 : 0,
				createdAt: now(),
				role: 'user',
				text
			};
			const answer = this.#answerTo(question);
			await database.messages.bulkAdd([question, answer]);
			await database.conversations.put({ ...home, leaf: answer.id, updatedAt: now() });
			return { conversation: home.id, question: question.id, answer: answer.id };
		});
	}

	/** Asks for another answer to the same question; the earlier one stays beside it. @throws HistoryError missing */
	async retry(id: Id): Promise<Id> {
		const { database, change, now } = this.#store;
		return change(async () => {
			const answer = await database.messages.get(id);
			const question = answer?.parent ? await database.messages.get(answer.parent) : undefined;
			if (!question) throw new HistoryError('missing', `message ${id}`);
			const again = this.#answerTo(question);
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

	async #conversation(id: Id): Promise<Conversation> {
		const found = await this.#store.database.conversations.get(id);
		if (!found || found.deletedAt !== null) throw new HistoryError('missing', `conversation ${id}`);
		return found;
	}

	#newConversation(text: string): Conversation {
		const now = this.#store.now();
		return {
			id: this.#store.newId(),
			title: titleOf(text),
			createdAt: now,
			updatedAt: now,
			leaf: null,
			deletedAt: null
		};
	}

	#answerTo(question: Message): Answer {
		const now = this.#store.now();
		return {
			id: this.#store.newId(),
			conversation: question.conversation,
			parent: question.id,
			depth: question.depth + 1,
			createdAt: now,
			role: 'assistant',
			text: '',
			state: { kind: 'queued', since: now }
		};
	}
}

/** Walks from the leaf towards the root through what was read; ends early where a parent was not read. */
function entriesUpTo(leaf: Message, near: Message[]): PathEntry[] {
	const byId = new Map(near.map((message) => [message.id, message]));
	const siblings = Map.groupBy(near, (message) => message.parent);
	const entries: PathEntry[] = [];
	let next: Message | undefined = leaf;
	while (next) {
		const together = siblings.get(next.parent) ?? [next];
		const versions = together.toSorted((a, b) => a.createdAt - b.createdAt).map(({ id }) => id);
		entries.push({ message: next, versions });
		next = next.parent === null ? undefined : byId.get(next.parent);
	}
	return entries.reverse();
}

/** Whether this message is an answer that will still change by itself. */
export function isGrowing(message: Message): message is Answer {
	return message.role === 'assistant' && isOpen(message.state);
}
