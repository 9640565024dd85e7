import { HistoryError } from '#lib/message/errors.ts';
import type { Id, Message } from '#lib/message/message.ts';
import type { Database } from './schema.ts';

/** The messages that lead to one, from the first to the one before it. @throws HistoryError missing */
export async function messagesBefore(database: Database, of: Message): Promise<Message[]> {
	const all = await database.messages
		.where('[conversation+depth]')
		.between([of.conversation, 0], [of.conversation, of.depth], true, false)
		.toArray();
	const byId = new Map(all.map((message) => [message.id, message]));
	const path: Message[] = [];
	let next = of.parent;
	while (next !== null) {
		const message = byId.get(next);
		if (!message) throw new HistoryError('missing', `message ${next}`);
		path.push(message);
		next = message.parent;
	}
	return path.reverse();
}

/** A message and all that follows it, on every branch, parents before their children. */
export async function withDescendants(database: Database, root: Message): Promise<Message[]> {
	const found = [root];
	let parents: Id[] = [root.id];
	while (parents.length > 0) {
		const children = await database.messages.where('parent').anyOf(parents).toArray();
		found.push(...children);
		parents = children.map(({ id }) => id);
	}
	return found;
}

/** Whether a message is there for its reader: not deleted. */
export function isThere(message: Message): boolean {
	return message.deletedAt === undefined;
}
