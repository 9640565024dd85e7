/**
 * The exports of web-llm-chat: its whole state (a store named "chat-next-web-store" with sessions, each a
 * plain list of messages), or one conversation as `{ messages: [{ role, content }] }` without ids, which
 * then come from its content. A message's date is words in its device's language: the session's time counts.
 */
import type { ExportedConversation, Imported } from './exported.ts';
import { amount, id, isRecord, listOf, type Read, record, text, under, wrong } from './reader.ts';
import { conversationOf, type ForeignNode } from './tree.ts';

const STORE = 'chat-next-web-store';

type Linear = Omit<ForeignNode, 'parent'> & { leftOut: number };

export function isWebLlmChat(value: unknown): boolean {
	return isRecord(value) && (STORE in value || Array.isArray(value['messages']));
}

/** @param now the time of conversations that tell none @throws ImportError wrong */
export async function readWebLlmChat(value: unknown, now: number): Promise<Imported> {
	const file = record(value, '');
	const found = STORE in file ? sessions(file[STORE]) : [await single(file, now)];
	return {
		source: 'web-llm-chat',
		conversations: found.map((one) => one.conversation).filter((one) => one !== undefined),
		settings: [],
		leftOut: found.reduce((sum, one) => sum + one.leftOut, 0)
	};
}

interface Found {
	conversation: ExportedConversation | undefined;
	leftOut: number;
}

function sessions(value: unknown): Found[] {
	const store = record(value, STORE);
	// the browser's own copy has one level more
	const state = isRecord(store['state']) ? store['state'] : store;
	return listOf(session)(state['sessions'], `${STORE}.sessions`);
}

const session: Read<Found> = (value, at) => {
	const found = record(value, at);
	const time = amount(found['lastUpdate'], under(at, 'lastUpdate'));
	const messages = listOf(messageAt(time))(found['messages'], under(at, 'messages'));
	const own = id(found['id'], under(at, 'id'));
	return linear(own, text(found['topic'], under(at, 'topic')), time, messages);
};

async function single(file: Record<string, unknown>, now: number): Promise<Found> {
	const messages = listOf(messageAt(now))(file['messages'], 'messages');
	const bytes = new TextEncoder().encode(JSON.stringify(file['messages']));
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	const name = Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
	return linear(`web-llm-chat-${name}`, '', now, messages);
}

function messageAt(time: number): Read<Linear> {
	return (value, at) => {
		const found = record(value, at);
		const role = text(found['role'], under(at, 'role'));
		const { words, others } = contentOf(found['content'], under(at, 'content'));
		const base = { id: found['id'] == null ? '' : id(found['id'], under(at, 'id')), at };
		if ((role !== 'user' && role !== 'assistant') || (words === '' && others > 0))
			return { ...base, leftOut: Math.max(1, others) };
		const model = found['model'];
		const writer = typeof model === 'string' && role === 'assistant' ? { model } : {};
		return { ...base, kept: { role, text: words, createdAt: time, ...writer }, leftOut: others };
	};
}

/** A content is a text, or a list of texts and pictures. */
function contentOf(value: unknown, at: string): { words: string; others: number } {
	if (typeof value === 'string') return { words: value, others: 0 };
	if (!Array.isArray(value)) return wrong(at, 'a text or a list', value);
	const texts = value.filter((part) => isRecord(part) && typeof part['text'] === 'string');
	return {
		words: texts.map((part: Record<string, unknown>) => String(part['text'])).join('\n'),
		others: value.length - texts.length
	};
}

function linear(own: string, title: string, time: number, messages: Linear[]): Found {
	const named = messages.map((message, index) => ({ ...message, id: message.id || String(index) }));
	const nodes = named.map((node, index) => ({ ...node, parent: named[index - 1]?.id ?? null }));
	const conversation = conversationOf({
		id: own,
		title,
		createdAt: time,
		updatedAt: time,
		engine: 'web-llm-chat',
		nodes
	});
	return { conversation, leftOut: messages.reduce((sum, one) => sum + one.leftOut, 0) };
}
