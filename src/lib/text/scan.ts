import { scanBlocks, type Token } from './grammar.ts';
import { isLoose } from './lists.ts';
import type { Context } from './pieces.ts';

/** Where a block begins among the tokens, and on which line of the source. */
interface Start {
	token: Token;
	index: number;
	line: number;
}

/** The blocks of a source, found but not read. */
export interface Scan {
	readonly source: string;
	readonly tokens: readonly Token[];
	/** Top-level blocks, definitions included. */
	readonly tops: readonly Start[];
}

/** Finds the blocks of `source`. */
export function scan(source: string): Scan {
	const tokens = scanBlocks(source);
	return { source, tokens, tops: starts(tokens, 0, 0) };
}

/** Blocks that open at `level`, from a token on, up to the end of what encloses them. */
function starts(tokens: readonly Token[], level: number, from: number): Start[] {
	const found: Start[] = [];
	for (let index = from; index < tokens.length; index++) {
		const token = tokens[index];
		if (!token || token.level < level) break;
		if (token.level === level && token.nesting >= 0 && token.map)
			found.push({ token, index, line: token.map[0] });
	}
	return found;
}

/** The offset of a line of `source`, by number. */
export function lineOffset(source: string, line: number): number {
	let offset = 0;
	for (let i = 0; i < line; i++) {
		const end = source.indexOf('\n', offset);
		if (end < 0) return source.length;
		offset = end + 1;
	}
	return offset;
}

/**
 * The offset from which a document of whole lines may still change: where its last block begins, or
 * the definitions right before it, which a title on the next lines may lengthen. 0 while there is one block.
 */
export function settledUntil({ source, tops }: Scan): number {
	let i = tops.length - 1;
	while (
		i > 0 &&
		tops[i - 1]?.token.type === 'reference_definition' &&
		tops[i - 1]?.token.map?.[1] === tops[i]?.line
	)
		i--;
	return i > 0 ? lineOffset(source, tops[i]?.line ?? 0) : 0;
}

/** How the rest of a list or table that begins `source` is read, or null for another block. */
export function boxContext(token: Token, source: string): Context | null {
	switch (token.type) {
		case 'bullet_list_open':
			// four blanks after the marker: no item of the list can be taken for part of this one
			return { kind: 'list', opener: `${token.markup}    x\n` };
		case 'ordered_list_open':
			return { kind: 'list', opener: `1${token.markup}    x\n` };
		case 'table_open':
			return { kind: 'table', opener: source.slice(0, lineOffset(source, 2)) };
		default:
			return null;
	}
}

/** The offsets of the items or rows of the list or table that begins a source. */
export function boxParts(context: Context, { source, tokens, tops }: Scan): number[] {
	const top = tops[0];
	if (!top) return [];
	const lines =
		context.kind === 'list'
			? starts(tokens, 1, top.index + 1).map(({ line }) => line)
			: tokens.flatMap(({ type, map }) => (type === 'tr_open' && map && map[0] >= 2 ? [map[0]] : []));
	return lines.map((line) => lineOffset(source, line));
}

/** Whether a source's first block is a loose list. */
export function isLooseBox({ source, tokens, tops }: Scan): boolean {
	const top = tops[0];
	if (!top || top.token.type === 'table_open') return false;
	return isLoose(tokens, top.index, source.split('\n'));
}
