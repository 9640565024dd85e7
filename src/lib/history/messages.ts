import type { Attachment } from '#lib/message/attachment.ts';
import { HistoryError } from '#lib/message/errors.ts';
import {
	type Answer,
	type Conversation,
	type Id,
	type Message,
	type Question,
	type Time
} from '#lib/message/message.ts';
import type { Setup } from '#lib/message/setup.ts';
import { titleOf } from '#lib/message/text.ts';
import type { Store } from './history.ts';
import { live, type Live } from './live.ts';

/** A message on the path that is shown, and the messages that could stand in its place, oldest first. */
export interface PathEntry {
	message: Message;
	versions: Id[];
}

/** A part of a conversation's path. */
export interface Path {
	conversation: Conversation;
	entries: PathEntry[];
	/** How many messages come before the first entry, and after the last. */
	earlier: number;
	later: number;
	/** The last message of the whole path. */
	leaf?: Message;
}

/** Which part of a path is wanted; without it the end. */
export interface PathPart {
	/** The depth that it begins at, where that is more than the least number of messages. */
	first?: number;
	/** Finds its last message, of the path that ends with this leaf. */
	end?: (leaf: Message) => Promise<Message>;
}

/** The tree of messages, as a person sees and grows it. */
export class Messages {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/**
	 * The path that ends at the conversation's leaf, of it `part`, and `limit` messages at least; undefined
	 * when the conversation is not here.
	 */
	path(conversation: Id, limit: number, part?: PathPart): Live<Path | undefined> {
		return live(() => this.readPath(conversation, limit, part));
	}

	/**
	 * All answers that are queued, being written or to be stopped, the longest waiting first. Deleted ones
	 * are among them until they are stopped.
	 */
	openAnswers(): Live<Answer[]> {
		const { messages } = this.#store.database;
		return live(async () => {
			const rows = await messages.where('state.kind').anyOf('queued', 'writing', 'stopping').toArray();
			return rows
				.filter((row) => row.role === 'assistant')
				.toSorted((a, b) => a.createdAt - b.createdAt || a.depth - b.depth);
		});
	}

	/** Reads once what `path` tells. */
	async readPath(id: Id, limit: number, { first = Infinity, end }: PathPart = {}): Promise<Path | undefined> {
		const { conversations, messages } = this.#store.database;
		const conversation = await conversations.get(id);
		if (!conversation || conversation.deletedAt !== null) return undefined;
		const leaf = conversation.leaf === null ? undefined : await messages.get(conversation.leaf);
		if (!leaf) return { conversation, entries: [], earlier: 0, later: 0 };
		const last = end ? await end(leaf) : leaf;
		const near = await messages
			.where('[conversation+depth]')
			.between([id, Math.min(first, last.depth - limit + 1)], [id, last.depth], true, true)
			.filter(({ deletedAt }) => deletedAt === undefined)
			.toArray();
		const entries = entriesUpTo(last, near);
		const earlier = last.depth + 1 - entries.length;
		return { conversation, entries, earlier, later: leaf.depth - last.depth, leaf };
	}

	/**
	 * Adds a question and the answer it waits for, and the conversation if there is none yet.
	 * @param given `setup`: what a new conversation sets for itself; `attachments`: files of the question
	 * @throws HistoryError missing, full
	 */
	async ask(
		text: string,
		conversation?: Id,
		{ setup, attachments = [] }: { setup?: Setup | undefined; attachments?: Attachment[] | undefined } = {}
	): Promise<{ conversation: Id; question: Id; answer: Id }> {
		const { database, change, newId, now } = this.#store;
		return change(async () => {
			const home =
				conversation === undefined
					? this.#newConversation(text, setup)
					: await this.#conversation(conversation);
			const parent = home.leaf === null ? undefined : await database.messages.get(home.leaf);
			const question: Question = {
				id: newId(),
				conversation: home.id,
				parent: parent?.id ?? null,
				depth: parent ? parent.depth + 1 : 0,
				createdAt: notBefore(now(), parent),
				role: 'user',
				text,
				...(attachments.length > 0 ? { attachments } : {})
			};
			const answer = answerTo(question, this.#store);
			await database.messages.bulkAdd([question, answer]);
			await database.conversations.put({
				...home,
				leaf: answer.id,
				updatedAt: Math.max(now(), home.updatedAt)
			});
			return { conversation: home.id, question: question.id, answer: answer.id };
		});
	}

	async #conversation(id: Id): Promise<Conversation> {
		const found = await this.#store.database.conversations.get(id);
		if (!found || found.deletedAt !== null) throw new HistoryError('missing', `conversation ${id}`);
		return found;
	}

	#newConversation(text: string, setup?: Setup): Conversation {
		const now = this.#store.now();
		return {
			id: this.#store.newId(),
			title: titleOf(text),
			createdAt: now,
			updatedAt: now,
			leaf: null,
			deletedAt: null,
			...(setup ? { setup } : {})
		};
	}
}

/** A time that is none before what came before, also where the clock was set back meanwhile. */
export function notBefore(now: Time, before: Message | undefined): Time {
	return Math.max(now, before?.createdAt ?? 0);
}

/** An answer that waits to be written. */
export function answerTo(question: Message, { newId, now }: Store): Answer {
	const time = notBefore(now(), question);
	return {
		id: newId(),
		conversation: question.conversation,
		parent: question.id,
		depth: question.depth + 1,
		createdAt: time,
		role: 'assistant',
		text: '',
		state: { kind: 'queued', since: time }
	};
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
