/** From another app's messages, some of which have no place here, to a conversation of this one. */
import { titleOf } from '#lib/message/text.ts';
import type { EndedState, ExportedConversation, ExportedMessage } from './exported.ts';
import { wrong } from './reader.ts';

/** What is kept of another app's message. */
export interface Kept {
	role: 'user' | 'assistant';
	text: string;
	createdAt: number;
	/** Who wrote it, by the other app's word. */
	model?: string;
	usage?: { promptTokens: number; completionTokens: number; tokensPerSecond: number };
}

/** A message of another app: `kept` is missing where it has no place here; its children move up. */
export interface ForeignNode {
	id: string;
	parent: string | null;
	/** Where it stands in the file. */
	at: string;
	kept?: Kept;
}

interface Foreign {
	id: string;
	title: string;
	createdAt: number;
	updatedAt: number;
	/** The node whose path is shown, where the other app says so. */
	current?: string | undefined;
	/** The app's name, for the answers' writer. */
	engine: string;
	nodes: ForeignNode[];
}

/**
 * Grows the conversation. Ids are kept, under their conversation's, so that a second import finds them again.
 * @returns undefined when nothing of it has a place here @throws ImportError wrong
 */
export function conversationOf(foreign: Foreign): ExportedConversation | undefined {
	const nodes = new Map(foreign.nodes.map((node) => [node.id, node]));
	const own = (id: string) => `${foreign.id}.${id}`;
	const messages: ExportedMessage[] = [];
	for (const node of parentsFirst(foreign.nodes, nodes)) {
		if (!node.kept) continue;
		const parent = keptAbove(node.parent, nodes);
		messages.push(messageOf(own(node.id), parent && own(parent), node.kept, foreign.engine));
	}
	const last = messages.at(-1);
	if (!last) return undefined;
	const shown = foreign.current === undefined ? undefined : keptAbove(foreign.current, nodes);
	const { id, createdAt, updatedAt } = foreign;
	const title = foreign.title.trim() || titleOf(messages[0]?.text ?? '');
	return { id, title, createdAt, updatedAt, leaf: shown ? own(shown) : last.id, messages };
}

function messageOf(id: string, parent: string | null, kept: Kept, engine: string): ExportedMessage {
	const { role, text, createdAt } = kept;
	if (role === 'user') return { id, parent, createdAt, role, text };
	const usage = { promptTokens: 0, completionTokens: 0, timeToFirstToken: 0, tokensPerSecond: 0 };
	const state: EndedState = {
		kind: 'done',
		at: createdAt,
		usage: { ...usage, ...kept.usage },
		reason: 'end'
	};
	const writer = kept.model === undefined ? {} : { writer: { model: kept.model, engine } };
	return { id, parent, createdAt, role, text, state, ...writer };
}

/** All nodes, each after its parent. A circle, or a parent that is not there, is refused. @throws ImportError wrong */
function parentsFirst(nodes: ForeignNode[], byId: ReadonlyMap<string, ForeignNode>): ForeignNode[] {
	const children = Map.groupBy(nodes, ({ parent }) => parent);
	const order = [...(children.get(null) ?? [])];
	for (const { id } of order) order.push(...(children.get(id) ?? []));
	if (order.length === nodes.length) return order;
	const placed = new Set(order);
	const lost = nodes.find((node) => !placed.has(node));
	const missing = lost?.parent != null && !byId.has(lost.parent);
	return wrong(
		`${lost?.at ?? ''}.parent`,
		missing ? 'the id of a message of the conversation' : 'a parent that is not its own descendant',
		lost?.parent
	);
}

/** The nearest message at or above a node that has a place here. The nodes are known to hold no circle. */
function keptAbove(from: string | null, nodes: ReadonlyMap<string, ForeignNode>): string | null {
	let node = from === null ? undefined : nodes.get(from);
	while (node && !node.kept) node = node.parent === null ? undefined : nodes.get(node.parent);
	return node?.id ?? null;
}
