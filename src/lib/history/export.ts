import { type Answer, type Conversation, type Id, isOpen, type Message } from '#lib/message/message.ts';
import { ANSWER, CONVERSATION, FAILURE, QUESTION, STATES, USAGE, WRITER } from './formats/alcove.ts';
import {
	type EndedState,
	type ExportedAnswer,
	type ExportedConversation,
	type ExportedMessage,
	FORMAT,
	FORMAT_VERSION,
	staysHere
} from './formats/exported.ts';
import { inOrder } from './formats/reader.ts';
import type { Store } from './history.ts';

/**
 * Everything, as the pieces of one JSON text: the head, then a conversation at a time, so that never more than
 * one is in memory. Each conversation is as it was at one moment. The same history gives the same text.
 * @throws HistoryError
 */
export async function* exportAll(store: Store): AsyncGenerator<string, void, undefined> {
	const { database, change } = store;
	const [ids, settings] = await change(() =>
		Promise.all([database.conversations.toCollection().primaryKeys(), database.settings.toArray()])
	);
	yield head(settings.filter(({ key }) => !staysHere(key)));
	let first = true;
	for (const id of ids) {
		const found = await exportOne(store, id);
		if (!found) continue;
		yield (first ? '\n' : ',\n') + JSON.stringify(found);
		first = false;
	}
	yield TAIL;
}

/** One conversation as a file of the same format. */
export function exportedFile(conversation: ExportedConversation): string {
	return `${head([])}\n${JSON.stringify(conversation)}${TAIL}`;
}

/** One conversation with all its branches, or undefined when it is not here. @throws HistoryError */
export async function exportOne({ database, change }: Store, id: Id) {
	return change(async () => {
		const conversation = await database.conversations.get(id);
		if (!conversation || conversation.deletedAt !== null) return undefined;
		const messages = await database.messages
			.where('[conversation+depth]')
			.between([id, -Infinity], [id, Infinity])
			.filter(({ deletedAt }) => deletedAt === undefined)
			.toArray();
		const open = messages.filter((message) => message.role === 'assistant' && isOpen(message.state));
		const drafts = await database.drafts.bulkGet(open.map((message) => message.id));
		const texts = new Map(drafts.flatMap((draft) => (draft ? [[draft.message, draft.text]] : [])));
		return exported(conversation, messages, texts);
	});
}

const TAIL = '\n]}\n';

function head(settings: { key: string; value: unknown }[]): string {
	const start = { format: FORMAT, version: FORMAT_VERSION, settings };
	return `${JSON.stringify(start).slice(0, -1)},"conversations":[`;
}

/** Only what the format knows is written, at every level: what is exported can always be taken in again. */
function exported(
	conversation: Conversation,
	messages: Message[],
	drafts: ReadonlyMap<Id, string>
): ExportedConversation {
	const shown = messages.find(({ id }) => id === conversation.leaf) ?? messages.at(-1);
	return inOrder<ExportedConversation>(CONVERSATION, {
		...conversation,
		leaf: shown?.id ?? null,
		messages: messages.map((message) => exportedMessage(message, drafts.get(message.id)))
	});
}

function exportedMessage(message: Message, draft: string | undefined): ExportedMessage {
	if (message.role === 'user') return inOrder(QUESTION, message);
	return inOrder<ExportedAnswer>(ANSWER, {
		...message,
		text: draft ?? message.text,
		state: ended(message),
		...(message.writer ? { writer: inOrder(WRITER, message.writer) } : {})
	});
}

/** An answer that is still open is, in the file, one that was stopped: it can be continued. */
function ended({ state }: Answer): EndedState {
	switch (state.kind) {
		case 'queued':
		case 'writing':
		case 'stopping':
			return { kind: 'stopped', at: state.since };
		case 'stopped':
			return inOrder(STATES.stopped, state);
		case 'failed':
			return inOrder(STATES.failed, { ...state, failure: inOrder(FAILURE, state.failure) });
		case 'done':
			return inOrder(STATES.done, { ...state, usage: inOrder(USAGE, state.usage) });
	}
}
