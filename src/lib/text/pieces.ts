import { buildBlocks, listClass } from './build.ts';
import { readBlocks } from './grammar.ts';
import type { Lookup } from './references.ts';
import type { Tree, TreeElement } from './tree.ts';

/**
 * What the lines of a piece stand in. Items and rows that are read apart from the list or table they
 * belong to are read after an opening of their own, which is then dropped.
 */
export type Context =
	| { kind: 'document' }
	/** `opener` is a line with an item of the same list. */
	| { kind: 'list'; opener: string }
	/** `opener` is the table's header and delimiter lines. */
	| { kind: 'table'; opener: string };

export const DOCUMENT: Context = { kind: 'document' };

/** The source to read for `lines` in their context. */
export function inContext(context: Context, lines: string): string {
	return context.kind === 'document' ? lines : context.opener + lines;
}

/** What was read: in a list `inner` are its items, in a table its rows; `after` the blocks that follow it. */
export interface Reading {
	inner: readonly Tree[];
	after: readonly Tree[];
	/** Whether blank lines were seen that make the list loose. */
	loose: boolean;
}

function elementOf(tree: Tree | undefined, what: string): TreeElement {
	if (tree?.kind !== 'element') throw new Error(`${what} was expected in the tree`);
	return tree;
}

/** The table of a table's box. */
export function tableOf(box: Tree | undefined): TreeElement {
	return elementOf(elementOf(box, 'a table').children[0], 'a table');
}

/** The rows of a table's body, which is absent when there are none. */
export function rowsOf(box: Tree | undefined): readonly Tree[] {
	const body = tableOf(box).children[1];
	return body ? elementOf(body, 'a table body').children : [];
}

/**
 * Reads `lines` in their context.
 * @param lookup takes and gives link definitions
 */
export function readPiece(context: Context, lines: string, lookup: Lookup): Reading {
	const source = inContext(context, lines);
	const trees = buildBlocks(readBlocks(source, lookup.references), source);
	if (context.kind === 'document') return { inner: [], after: trees, loose: false };
	const [first, ...after] = trees;
	if (context.kind === 'table') return { inner: rowsOf(first), after, loose: false };
	const list = elementOf(first, 'a list');
	return { inner: list.children.slice(1), after, loose: list.attributes.class === listClass(true) };
}
