import type { Answer, AnswerState, Conversation, Message, Question } from '#lib/message/message.ts';

/** The name and version that stand at the head of an export; docs/export.md says what follows. */
export const FORMAT = 'alcove';
export const FORMAT_VERSION = 1;

/** Where a file came from. */
export type ImportSource = 'alcove' | 'chatgpt' | 'llama.cpp' | 'web-llm-chat';

/** How an answer can have ended; one that was still open is exported as stopped, with what was there. */
export type EndedState = Extract<AnswerState, { kind: 'done' | 'stopped' | 'failed' }>;

export type ExportedQuestion = Omit<Question, 'conversation' | 'depth' | 'deletedAt'>;
/** What befell an answer on this device stays here. */
export type ExportedAnswer = Omit<Answer, 'conversation' | 'depth' | 'deletedAt' | 'state' | 'mishap'> & {
	state: EndedState;
};

/** A message without what follows from its place: its conversation, and how deep it is. */
export type ExportedMessage = ExportedQuestion | ExportedAnswer;

/** A conversation with all its branches; a parent stands before its children. */
export type ExportedConversation = Omit<Conversation, 'deletedAt'> & { messages: ExportedMessage[] };

export interface ExportedSetting {
	key: string;
	value: unknown;
}

/** A file, understood: what can be taken into the history. */
export interface Imported {
	source: ImportSource;
	conversations: ExportedConversation[];
	settings: ExportedSetting[];
	/** Parts that have no place here: pictures, calls of tools, hidden instructions. */
	leftOut: number;
}

/** Settings that are about this device: its backups, and who is logged in to the sync server here. They stay here. */
export function staysHere(key: string): boolean {
	return key.startsWith('backup') || key === 'account';
}

/** The row of a conversation that is taken in. */
export function rowOf(file: ExportedConversation): Conversation {
	const row: Conversation & Partial<Pick<ExportedConversation, 'messages'>> = { ...file, deletedAt: null };
	delete row.messages;
	return row;
}

/** The rows of a conversation's messages, with the places that follow from their order. */
export function rowsOf({ id, messages }: ExportedConversation): Message[] {
	const depths = new Map<string, number>();
	return messages.map((message) => {
		const depth = message.parent === null ? 0 : (depths.get(message.parent) ?? 0) + 1;
		depths.set(message.id, depth);
		return { ...message, conversation: id, depth };
	});
}
