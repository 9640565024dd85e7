import type { FindingView } from '#lib/chat/finding.svelte.ts';
import type { Conversation, Id } from '#lib/message/message.ts';
import type { Command } from './commands.ts';
import type { Deed } from './keys.ts';

/** A line of the palette. */
export interface Option {
	id: string;
	text: string;
	/** What was found in the text, in UTF-16 code units. */
	ranges: [from: number, to: number][];
	/** What stands beside it: of a message, its conversation's title. */
	beside?: string;
	deed?: Deed;
	act: Command['act'];
}

/** Lines under one heading. */
export interface OptionGroup {
	kind: 'commands' | 'conversations' | 'messages';
	options: Option[];
}

/** How many conversations are offered before anything is typed. */
const RECENT = 6;

interface Given {
	query: string;
	commands: Command[];
	/** The newest conversations. */
	recent: readonly Conversation[];
	found: FindingView;
	hrefOf: (id: Id) => string;
}

/** What the palette offers for what is typed so far, without groups that are empty. */
export function optionsFor({ query, commands, recent, found, hrefOf }: Given): OptionGroup[] {
	const asked = query.trim() !== '';
	const groups = found.kind === 'found' && asked ? found.groups : [];
	const titled = asked
		? groups.filter(({ title }) => title.length > 0)
		: recent.slice(0, RECENT).map((conversation) => ({ conversation, title: [] }));
	const all: OptionGroup[] = [
		{ kind: 'commands', options: matching(commands, query) },
		{
			kind: 'conversations',
			options: titled.map(({ conversation: { id, title }, title: ranges }) => ({
				id: `option-${id}`,
				text: title,
				ranges,
				act: { kind: 'go', href: hrefOf(id) }
			}))
		},
		{
			kind: 'messages',
			options: groups.flatMap(({ conversation, hits }) =>
				hits.map(({ message, ranges }) => ({
					id: `option-${message.id}`,
					text: message.text,
					ranges,
					beside: conversation.title,
					act: { kind: 'go' as const, href: `${hrefOf(conversation.id)}#${message.id}` }
				}))
			)
		}
	];
	return all.filter(({ options }) => options.length > 0);
}

/** The commands whose names have all words of a query, each somewhere. */
function matching(commands: Command[], query: string): Option[] {
	const words = fold(query).split(/\s+/);
	return commands.flatMap(({ name, deed, act }, index) => {
		const folded = fold(name);
		if (!words.every((word) => folded.includes(word))) return [];
		return [{ id: `option-${String(index)}`, text: name, ranges: [], act, ...(deed ? { deed } : {}) }];
	});
}

function fold(text: string): string {
	return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
