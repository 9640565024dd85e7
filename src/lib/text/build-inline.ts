import type { FormulaMeta } from './formula-rules.ts';
import type { Token } from './grammar.ts';
import { isSafeLink } from './links.ts';
import { element, text, type Attributes, type Tag, type Tree } from './tree.ts';

const INLINE_TAGS: ReadonlyMap<string, Tag> = new Map([
	['em', 'em'],
	['strong', 'strong'],
	['s', 'del']
]);

/** A formula token's tree; `block` as in the tree. */
export function formula(token: Token, block: boolean): Tree {
	const meta = token.meta as FormulaMeta | null;
	if (!meta) throw new Error(`a ${token.type} token has lost its meta`);
	return {
		kind: 'formula',
		tex: token.content,
		source: meta.source,
		display: meta.display,
		closed: meta.closed,
		block
	};
}

/** Links open in a tab of their own that knows nothing of this one. */
function linkAttributes(href: string, title: string, image: boolean): Attributes {
	return {
		href,
		target: '_blank',
		rel: 'noopener noreferrer',
		...(title ? { title } : {}),
		...(image ? { class: 'text-image' } : {})
	};
}

function link(href: string, title: string, image: boolean, children: readonly Tree[]): Tree {
	// the grammar lets only safe links through; this holds should that ever change
	if (!isSafeLink(href)) return element('p', {}, children);
	return element('a', linkAttributes(href, title, image), children);
}

function attribute(token: Token, name: string): string {
	return String(token.attrGet(name) ?? '');
}

/** An image is not fetched (it would tell its host who reads): a link with its description stands for it. */
function image(token: Token): Tree {
	const source = attribute(token, 'src');
	const description = plainInline(token.children ?? []).trim();
	return link(source, attribute(token, 'title'), true, [text(description || source)]);
}

/** The words of inline tokens, without their marks. */
export function plainInline(tokens: readonly Token[]): string {
	return tokens
		.map((token) => {
			if (token.type === 'softbreak' || token.type === 'hardbreak') return '\n';
			if (token.type === 'image') return plainInline(token.children ?? []) || attribute(token, 'src');
			if (token.type === 'formula_inline') return token.content;
			return token.content;
		})
		.join('');
}

function leaf(token: Token): Tree {
	switch (token.type) {
		case 'softbreak':
			return text('\n');
		case 'hardbreak':
			return element('br', {}, []);
		case 'code_inline':
			return element('code', { class: 'text-inline-code', dir: 'ltr' }, [text(token.content)]);
		case 'image':
			return image(token);
		case 'formula_inline':
			return formula(token, false);
		default:
			return text(token.content);
	}
}

/** Appends `child`, as part of the text before it where both are text. */
function push(children: Tree[], child: Tree): void {
	const last = children.at(-1);
	if (child.kind === 'text' && child.text === '') return;
	if (child.kind === 'text' && last?.kind === 'text')
		children[children.length - 1] = text(last.text + child.text);
	else children.push(child);
}

/** The trees of a paragraph's (heading's, cell's) tokens. */
export function buildInline(tokens: readonly Token[]): Tree[] {
	const stack: { open: Token | null; children: Tree[] }[] = [{ open: null, children: [] }];
	for (const token of tokens) {
		const top = stack.at(-1);
		if (!top) throw new Error('inline tokens close more than they open');
		if (token.nesting === 1) stack.push({ open: token, children: [] });
		else if (token.nesting === 0) push(top.children, leaf(token));
		else {
			stack.pop();
			const outer = stack.at(-1);
			if (!outer || !top.open) throw new Error('inline tokens close more than they open');
			push(outer.children, container(top.open, top.children));
		}
	}
	const root = stack[0];
	if (!root || stack.length !== 1) throw new Error('inline tokens open more than they close');
	return root.children;
}

function container(open: Token, children: readonly Tree[]): Tree {
	if (open.type === 'link_open')
		return link(attribute(open, 'href'), attribute(open, 'title'), false, children);
	const tag = INLINE_TAGS.get(open.tag);
	if (!tag) throw new Error(`no element for the token ${open.type}`);
	return element(tag, {}, children);
}
