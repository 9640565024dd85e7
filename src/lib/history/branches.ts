import { HistoryError } from '#lib/message/errors.ts';
import {
	type Answer,
	type Conversation,
	type Id,
	isOpen,
	type Message,
	type Question
} from '#lib/message/message.ts';
import { forkTitle } from '#lib/message/text.ts';
import type { Store } from './history.ts';
import { AnswerJobs } from './jobs.ts';
import { answerTo, notBefore } from './messages.ts';
import { isThere, messagesBefore, withDescendants } from './path.ts';

/** A deletion, as far as it takes to undo it. */
export interface Removal {
	conversation: Id;
	message: Id;
	/** Where the path ended that was shown before. */
	leaf: Id | null;
}

/** The tree beside the path that is shown: other versions of messages, and the way to them. */
export class Branches {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/**
	 * Asks for another answer to the same question; the earlier ones stay beside it.
	 * @param id an answer, or a question that has none. @throws HistoryError missing
	 */
	async retry(id: Id): Promise<Id> {
		return this.#store.change(async () => {
			const message = await this.#there(id);
			const question = message.role === 'user' ? message : await this.#there(message.parent ?? id);
			return this.#askAgain(question);
		});
	}

	/**
	 * Asks a question in other words. The earlier version stays beside it with what followed; an answer
	 * to it that is still written is stopped and keeps its text. @throws HistoryError missing, full
	 * @returns the new question's id
	 */
	async edit(id: Id, text: string): Promise<Id> {
		const { database, change, newId, now } = this.#store;
		return change(async () => {
			const before = await this.#there(id);
			if (before.role !== 'user') throw new HistoryError('missing', `question ${id}`);
			await this.#stopAll(await withDescendants(database, before));
			const question: Question = { ...before, id: newId(), createdAt: notBefore(now(), before), text };
			delete question.summary; // it told of the earlier words
			await database.messages.add(question);
			await this.#askAgain(question);
			return question.id;
		});
	}

	/**
	 * Shows the path through this message, down its newest branch, unless it is on the path that is shown.
	 * @throws HistoryError missing @returns the message
	 */
	async show(id: Id): Promise<Message> {
		return this.#store.change(async () => {
			const message = await this.#there(id);
			await this.#showThrough(message);
			return message;
		});
	}

	/**
	 * Deletes a message with all that follows it, and shows its neighbouring version instead, or else
	 * the path up to it. `restore` brings it back until it is purged. @throws HistoryError missing
	 */
	async remove(id: Id): Promise<Removal> {
		const { database, change, now } = this.#store;
		return change(async () => {
			const message = await this.#there(id);
			const home = await database.conversations.get(message.conversation);
			if (!home) throw new HistoryError('missing', `conversation ${message.conversation}`);
			const gone = (await withDescendants(database, message)).filter(isThere);
			await this.#stopAll(gone);
			const deletedAt = now();
			await database.messages.where('id').anyOf(idsOf(gone)).modify({ deletedAt });
			if (home.leaf !== null && idsOf(gone).includes(home.leaf)) await this.#leave(message);
			return { conversation: home.id, message: id, leaf: home.leaf };
		});
	}

	/** Undoes one deletion; what was deleted below it earlier stays so. @throws HistoryError missing */
	async restore({ conversation, message: id, leaf }: Removal): Promise<void> {
		const { database, change } = this.#store;
		await change(async () => {
			const root = await database.messages.get(id);
			if (!root) throw new HistoryError('missing', `message ${id}`);
			if (root.parent !== null) await this.#there(root.parent);
			const together = (await withDescendants(database, root)).filter(
				({ deletedAt }) => deletedAt === root.deletedAt
			);
			await database.messages
				.where('id')
				.anyOf(idsOf(together))
				.modify((message) => {
					delete message.deletedAt;
				});
			if (leaf !== null && idsOf(together).includes(leaf))
				await database.conversations.update(conversation, { leaf });
		});
	}

	/**
	 * Makes a conversation of its own of the path up to a message, that message included. Answers that are
	 * still written are stopped in the copy, with the text they have. @throws HistoryError missing, full
	 * @returns the new conversation's id
	 */
	async fork(id: Id): Promise<Id> {
		const { database, change, newId, now } = this.#store;
		return change(async () => {
			const last = await this.#there(id);
			const home = await database.conversations.get(last.conversation);
			if (!home) throw new HistoryError('missing', `conversation ${last.conversation}`);
			const conversation = newId();
			let parent: Id | null = null;
			const copies = new Map<Id, Id>();
			for (const message of [...(await messagesBefore(database, last)), last]) {
				const copied: Message = { ...(await this.#settled(message)), id: newId(), conversation, parent };
				copies.set(message.id, copied.id);
				await database.messages.add(pointingInto(copies, copied));
				parent = copied.id;
			}
			const time = now();
			const copy: Conversation = {
				...home,
				...{ id: conversation, title: forkTitle(home.title), leaf: parent },
				...{ createdAt: time, updatedAt: time }
			};
			delete copy.pinnedAt;
			await database.conversations.add(copy);
			return conversation;
		});
	}

	/** A message that is here and not deleted. @throws HistoryError missing */
	async #there(id: Id): Promise<Message> {
		const found = await this.#store.database.messages.get(id);
		if (!found || !isThere(found)) throw new HistoryError('missing', `message ${id}`);
		return found;
	}

	async #askAgain(question: Message): Promise<Id> {
		const { database, now } = this.#store;
		const siblings = await database.messages.where('parent').equals(question.id).sortBy('createdAt');
		const answer = answerTo(question, this.#store);
		await database.messages.add({ ...answer, createdAt: notBefore(answer.createdAt, siblings.at(-1)) });
		await database.conversations.update(question.conversation, { leaf: answer.id, updatedAt: now() });
		return answer.id;
	}

	async #showThrough(message: Message): Promise<void> {
		const { conversations } = this.#store.database;
		const home = await conversations.get(message.conversation);
		const below = await this.#below(message);
		const byId = new Map(below.map((each) => [each.id, each]));
		let up = byId.get(home?.leaf ?? '');
		while (up && up.parent !== message.id) up = byId.get(up.parent ?? '');
		if (up || home?.leaf === message.id) return;
		// the newest come last, so that of siblings they are the ones that stay
		const newest = new Map(below.map((each) => [each.parent, each]));
		let leaf = message;
		for (let next: Message | undefined = leaf; next; next = newest.get(leaf.id)) leaf = next;
		await conversations.update(leaf.conversation, { leaf: leaf.id });
	}

	/** What stands deeper in a message's conversation and is not deleted, the oldest first. */
	async #below({ conversation, depth }: Message): Promise<Message[]> {
		return this.#store.database.messages
			.where('[conversation+depth]')
			.between([conversation, depth], [conversation, Infinity], false)
			.filter(isThere)
			.sortBy('createdAt');
	}

	/** Shows what stands nearest to a message that was deleted. */
	async #leave({ conversation, parent, depth, createdAt }: Message): Promise<void> {
		const { conversations, messages } = this.#store.database;
		const level = await messages
			.where('[conversation+depth]')
			.equals([conversation, depth])
			.filter((message) => message.parent === parent && isThere(message))
			.sortBy('createdAt');
		const neighbour = level.findLast((message) => message.createdAt <= createdAt) ?? level[0];
		if (neighbour) await this.#showThrough(neighbour);
		else await conversations.update(conversation, { leaf: parent });
	}

	async #stopAll(messages: Message[]): Promise<void> {
		const jobs = new AnswerJobs(this.#store);
		for (const message of messages) {
			if (message.role === 'assistant' && isOpen(message.state)) await jobs.requestStop(message.id);
		}
	}

	async #settled(message: Message): Promise<Message> {
		if (message.role !== 'assistant' || !isOpen(message.state)) return message;
		const { drafts } = this.#store.database;
		const text = (await drafts.get(message.id))?.text ?? message.text;
		const settled: Answer = { ...message, text, state: { kind: 'stopped', at: this.#store.now() } };
		return settled;
	}
}

/** A copied message whose marks of what the model saw stand in the copy, not in the original. */
function pointingInto(copies: ReadonlyMap<Id, Id>, message: Message): Message {
	const moved = <T extends { from?: Id }>({ from, ...rest }: T) => {
		const to = from && copies.get(from);
		return to === undefined ? rest : { ...rest, from: to };
	};
	const { summary } = message;
	const told = summary ? { summary: moved(summary) } : {};
	if (message.role === 'user' || !message.writer) return { ...message, ...told };
	return { ...message, ...told, writer: moved(message.writer) };
}

function idsOf(messages: Message[]): Id[] {
	return messages.map(({ id }) => id);
}
