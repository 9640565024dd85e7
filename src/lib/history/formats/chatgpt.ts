/**
 * conversations.json of ChatGPT's data export: a list of conversations, each a `mapping` of nodes with
 * parents. Times are seconds. Fields that are not named here are passed over: the format is OpenAI's own
 * and grows without notice.
 */
import type { ExportedConversation, Imported } from './exported.ts';
import { amount, id, isRecord, listOf, type Read, record, text, under, wrong } from './reader.ts';
import { conversationOf, type ForeignNode, type Kept } from './tree.ts';

export function isChatGpt(value: unknown): boolean {
	return Array.isArray(value) && isRecord(value[0]) && 'mapping' in value[0];
}

/** @throws ImportError wrong */
export function readChatGpt(value: unknown): Imported {
	let leftOut = 0;
	const conversation: Read<ExportedConversation | undefined> = (item, at) => {
		const found = record(item, at);
		const own = id(found['conversation_id'] ?? found['id'], under(at, 'id'));
		const createdAt = seconds(found['create_time'], under(at, 'create_time')) ?? 0;
		const mapping = record(found['mapping'], under(at, 'mapping'));
		const nodes = Object.entries(mapping).map(([name, inner]) => {
			const place = `${at}.mapping[${JSON.stringify(name)}]`;
			const node = nodeOf(name, record(inner, place), place, createdAt);
			leftOut += node.leftOut;
			return node;
		});
		const current = found['current_node'];
		return conversationOf({
			id: own,
			title: typeof found['title'] === 'string' ? found['title'] : '',
			createdAt,
			updatedAt: seconds(found['update_time'], under(at, 'update_time')) ?? createdAt,
			current: current == null ? undefined : text(current, under(at, 'current_node')),
			engine: 'chatgpt',
			nodes
		});
	};
	const conversations = listOf(conversation)(value, '').filter((found) => found !== undefined);
	return { source: 'chatgpt', conversations, settings: [], leftOut };
}

function nodeOf(
	name: string,
	node: Record<string, unknown>,
	at: string,
	createdAt: number
): ForeignNode & { leftOut: number } {
	const parent = node['parent'] == null ? null : text(node['parent'], under(at, 'parent'));
	const base = { id: id(name, at), parent, at };
	if (node['message'] == null) return { ...base, leftOut: 0 };
	const { kept, leftOut } = contentOf(record(node['message'], `${at}.message`), `${at}.message`, createdAt);
	return kept ? { ...base, kept, leftOut } : { ...base, leftOut };
}

function contentOf(
	message: Record<string, unknown>,
	at: string,
	createdAt: number
): { kept?: Kept; leftOut: number } {
	const role = text(record(message['author'], `${at}.author`)['role'], `${at}.author.role`);
	const { words, others } = partsOf(record(message['content'], `${at}.content`), `${at}.content`);
	// what is empty, or hidden by weight 0, was never seen by the person
	if (words === '' && others === 0) return { leftOut: 0 };
	const shown = (role === 'user' || role === 'assistant') && message['weight'] !== 0;
	// words to a tool, not to the person
	const toPerson = message['recipient'] === undefined || message['recipient'] === 'all';
	if (!shown || !toPerson || words === '') return { leftOut: 1 };
	const metadata = message['metadata'];
	const model = isRecord(metadata) ? metadata['model_slug'] : undefined;
	const kept: Kept = {
		role,
		text: words,
		createdAt: seconds(message['create_time'], `${at}.create_time`) ?? createdAt,
		...(typeof model === 'string' ? { model } : {})
	};
	return { kept, leftOut: others };
}

/** The text of a content, and how many parts are none: pictures, files, thoughts, calls. */
function partsOf(content: Record<string, unknown>, at: string): { words: string; others: number } {
	const kind = text(content['content_type'], `${at}.content_type`);
	if (kind !== 'text' && kind !== 'multimodal_text') return { words: '', others: 1 };
	const parts: unknown = content['parts'];
	if (!Array.isArray(parts)) return wrong(`${at}.parts`, 'a list', parts);
	const words = parts.filter((part) => typeof part === 'string');
	return { words: words.join('\n').trim(), others: parts.length - words.length };
}

function seconds(value: unknown, at: string): number | undefined {
	return value == null ? undefined : Math.round(amount(value, at) * 1000);
}
