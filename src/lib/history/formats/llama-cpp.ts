/**
 * The export of llama.cpp's web UI: `{ conv, messages }`, or a list of such. Messages are a tree under one
 * of type "root"; times are milliseconds. Older versions numbered the messages.
 */
import type { ExportedConversation, Imported } from './exported.ts';
import { amount, id, isRecord, listOf, type Read, record, text, under } from './reader.ts';
import { conversationOf, type ForeignNode, type Kept } from './tree.ts';

export function isLlamaCpp(value: unknown): boolean {
	const first: unknown = Array.isArray(value) ? value[0] : value;
	return isRecord(first) && 'conv' in first && 'messages' in first;
}

/** @throws ImportError wrong */
export function readLlamaCpp(value: unknown): Imported {
	let leftOut = 0;
	const entry: Read<ExportedConversation | undefined> = (item, at) => {
		const found = record(item, at);
		const conv = record(found['conv'], under(at, 'conv'));
		const nodes = listOf(node)(found['messages'], under(at, 'messages'));
		leftOut += nodes.reduce((sum, one) => sum + one.leftOut, 0);
		const updatedAt = amount(conv['lastModified'], under(at, 'conv.lastModified'));
		const current = conv['currNode'];
		return conversationOf({
			id: id(conv['id'], under(at, 'conv.id')),
			title: text(conv['name'], under(at, 'conv.name')),
			createdAt: Math.min(updatedAt, ...nodes.map(({ timestamp }) => timestamp)),
			updatedAt,
			current: current == null ? undefined : numbered(current, under(at, 'conv.currNode')),
			engine: 'llama.cpp',
			nodes
		});
	};
	const list = Array.isArray(value) ? listOf(entry)(value, '') : [entry(value, '')];
	const conversations = list.filter((found) => found !== undefined);
	return { source: 'llama.cpp', conversations, settings: [], leftOut };
}

/** An id that older versions wrote as a number. */
const numbered: Read<string> = (value, at) => id(typeof value === 'number' ? String(value) : value, at);

const node: Read<ForeignNode & { leftOut: number; timestamp: number }> = (value, at) => {
	const found = record(value, at);
	const root = found['type'] === 'root';
	const parent = found['parent'];
	const timestamp = amount(found['timestamp'], under(at, 'timestamp'));
	const base = {
		id: numbered(found['id'], under(at, 'id')),
		parent: root || parent == null || parent === '' ? null : numbered(parent, under(at, 'parent')),
		at,
		timestamp
	};
	if (root) return { ...base, leftOut: 0 };
	const role = text(found['role'], under(at, 'role'));
	const words = text(found['content'] ?? '', under(at, 'content'));
	const extra: unknown[] = Array.isArray(found['extra']) ? found['extra'] : [];
	if (role !== 'user' && role !== 'assistant')
		return { ...base, leftOut: (words === '' ? 0 : 1) + extra.length };
	const model = found['model'];
	const kept: Kept = {
		role,
		text: words,
		createdAt: timestamp,
		...(typeof model === 'string' && model !== '' ? { model } : {}),
		...usageOf(found['timings'])
	};
	return { ...base, kept, leftOut: extra.length };
};

/** What the server measured, where the file tells. */
function usageOf(timings: unknown): Pick<Kept, 'usage'> {
	if (!isRecord(timings)) return {};
	const { prompt_n: prompt, predicted_n: written, predicted_ms: took } = timings;
	if (typeof written !== 'number' || typeof took !== 'number' || !(took > 0)) return {};
	return {
		usage: {
			promptTokens: typeof prompt === 'number' ? prompt : 0,
			completionTokens: written,
			tokensPerSecond: (written / took) * 1000
		}
	};
}
