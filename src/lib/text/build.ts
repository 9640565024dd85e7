import { buildInline, formula } from './build-inline.ts';
import type { Token } from './grammar.ts';
import { isLoose } from './lists.ts';
import { element, text, type Tag, type Tree, type TreeElement } from './tree.ts';

/** Tokens being read, and where. */
interface Cursor {
	readonly tokens: readonly Token[];
	/** The source, by line. */
	readonly lines: readonly string[];
	at: number;
}

const BLOCK_TAGS: ReadonlySet<string> = new Set<Tag>([
	'blockquote',
	'h1',
	'h2',
	'h3',
	'h4',
	'h5',
	'h6',
	'li',
	'ol',
	'p',
	'tbody',
	'thead',
	'tr',
	'ul'
]);

function blockTag(tag: string): Tag {
	if (!BLOCK_TAGS.has(tag)) throw new Error(`no element for the block ${tag}`);
	return tag as Tag;
}

/** The first word of a fence's info string: what the code is written in. */
function languageOf(info: string): string {
	return (/^\s*([^\s{]+)/.exec(info)?.[1] ?? '').slice(0, 40);
}

/** Whether the fence that `token` opened was closed, told from its lines: the last is not content. */
function isFenceClosed(token: Token): boolean {
	const [from, to] = token.map ?? [0, 0];
	const content = token.content.split('\n');
	const lines = content.at(-1) === '' ? content.length - 1 : content.length;
	return to - from === lines + 2;
}

const TASK = /^\[([ xX])\][ \t\n]/;

/** `[ ]` and `[x]` at the start of an item are check boxes, named by the words that follow. */
function asTask(item: TreeElement): TreeElement {
	const [first, ...others] = item.children;
	if (first?.kind !== 'element' || first.tag !== 'p') return item;
	const [lead, ...rest] = first.children;
	const mark = lead?.kind === 'text' ? TASK.exec(lead.text) : null;
	if (lead?.kind !== 'text' || !mark) return item;
	const done = mark[1] !== ' ';
	const box = element('input', { type: 'checkbox', disabled: '', ...(done ? { checked: '' } : {}) }, []);
	const words = text(lead.text.slice(3));
	const paragraph = element('p', first.attributes, [element('label', {}, [box, words, ...rest])]);
	return element('li', { ...item.attributes, class: 'text-task' }, [paragraph, ...others]);
}

/** Children up to the token that closes the open block, which is consumed too. */
function children(cursor: Cursor): Tree[] {
	const found: Tree[] = [];
	for (;;) {
		const token = cursor.tokens[cursor.at];
		if (!token) throw new Error('block tokens open more than they close');
		if (token.nesting === -1) {
			cursor.at++;
			return found;
		}
		const tree = block(cursor, false);
		if (tree) found.push(...tree);
	}
}

/** Whether a nested list is loose: some paragraph of its items is one to be seen as such. */
function hasVisibleParagraph(tokens: readonly Token[], open: number, level: number): boolean {
	for (let i = open + 1; i < tokens.length; i++) {
		const token = tokens[i];
		if (!token || token.level === level) return false;
		if (token.type === 'paragraph_open' && token.level === level + 2 && !token.hidden) return true;
	}
	return false;
}

function list(cursor: Cursor, open: Token, index: number, top: boolean): Tree {
	const loose = top
		? isLoose(cursor.tokens, index, cursor.lines)
		: hasVisibleParagraph(cursor.tokens, index, open.level);
	const start = open.attrGet('start');
	const attributes = {
		class: listClass(loose),
		...(start === null ? {} : { start: String(start) }),
		...(top ? { dir: 'auto' } : {})
	};
	return element(blockTag(open.tag), attributes, children(cursor));
}

/** Paragraphs are elements in tight lists too: a list can turn loose without its items changing. */
export function listClass(loose: boolean): string {
	return loose ? 'text-loose' : 'text-tight';
}

const ALIGNMENT = /text-align:(left|center|right)/;

function cell(cursor: Cursor, open: Token): Tree {
	const alignment = ALIGNMENT.exec(String(open.attrGet('style') ?? ''))?.[1];
	return element(
		open.tag === 'th' ? 'th' : 'td',
		alignment ? { class: `text-${alignment}` } : {},
		children(cursor)
	);
}

function table(cursor: Cursor, top: boolean): Tree {
	const inner = element('table', top ? { dir: 'auto' } : {}, children(cursor));
	return {
		...element('div', { class: 'text-table', role: 'group', tabindex: '0' }, [inner]),
		label: 'table'
	};
}

function opened(cursor: Cursor, token: Token, index: number, top: boolean): Tree {
	switch (token.type) {
		case 'bullet_list_open':
		case 'ordered_list_open':
			return list(cursor, token, index, top);
		case 'list_item_open':
			return asTask(element('li', {}, children(cursor)));
		case 'table_open':
			return table(cursor, top);
		case 'th_open':
		case 'td_open':
			return cell(cursor, token);
		default:
			return element(blockTag(token.tag), top ? { dir: 'auto' } : {}, children(cursor));
	}
}

function block(cursor: Cursor, top: boolean): readonly Tree[] | null {
	const index = cursor.at;
	const token = cursor.tokens[index];
	if (!token) throw new Error('no more block tokens');
	cursor.at++;
	if (token.nesting === 1) return [opened(cursor, token, index, top)];
	switch (token.type) {
		case 'inline':
			return buildInline(token.children ?? []);
		case 'reference_definition':
			return null;
		case 'hr':
			return [element('hr', {}, [])];
		case 'fence':
			return [
				{ kind: 'code', language: languageOf(token.info), text: token.content, closed: isFenceClosed(token) }
			];
		case 'code_block':
			return [{ kind: 'code', language: '', text: token.content, closed: true }];
		case 'formula_block':
			return [formula(token, true)];
		default:
			throw new Error(`no element for the token ${token.type}`);
	}
}

/**
 * The trees of the blocks of `source`. Top-level blocks find their own direction; what is inside follows.
 */
export function buildBlocks(tokens: readonly Token[], source: string): Tree[] {
	const cursor: Cursor = { tokens, lines: source.split('\n'), at: 0 };
	const found: Tree[] = [];
	while (cursor.at < tokens.length) found.push(...(block(cursor, true) ?? []));
	return found;
}
