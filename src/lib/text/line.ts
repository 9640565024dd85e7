import { buildInline } from './build-inline.ts';
import { readInline } from './grammar.ts';
import type { Lookup } from './references.ts';
import { element, text as textTree, type Tree } from './tree.ts';

/**
 * A paragraph that is being written and is one line so far, as models write them: its finished
 * sentences are not read again while it grows. Once the line has ended it is read as a whole.
 */
export interface OpenLine {
	/** Where it begins in the text. */
	readonly from: number;
	/** Up to where its trees are kept. */
	readonly split: number;
	readonly kept: readonly Tree[];
	/** How long the rest has to be before it is worth trying to keep more. */
	readonly patience: number;
}

/** How much of a line is read again without a thought, in characters. */
const SHORT = 400;

/** A line that begins so is a paragraph whatever follows on it. */
const PROSE = /^ {0,3}(?:\*\*)?["'“‘「『（(]?\p{L}/u;

/** What could still open something that closes further on. */
const UNSETTLED = /[`[$<~]|\*(?!\s)|(?<![\p{L}\p{N}])_|\\[([]/u;

const SENTENCE_END = /[.!?]\s|[。！？；]/g;

/** Begins an open line at `from`, if the last lines of `text` are one. */
export function openLine(text: string, from: number): OpenLine | null {
	if (text.length - from < SHORT || text.indexOf('\n', from) >= 0 || !PROSE.test(text.slice(from, from + 20)))
		return null;
	return { from, split: from, kept: [], patience: SHORT };
}

/** Whether nothing in `trees` waits for an end. */
function isSettled(trees: readonly Tree[]): boolean {
	return trees.every((tree) => tree.kind !== 'text' || !UNSETTLED.test(tree.text));
}

/** The end of the last sentence of `text`, 0 where there is none. */
function lastSentence(text: string): number {
	let end = 0;
	for (const match of text.matchAll(SENTENCE_END)) end = match.index + match[0].length;
	return end;
}

/** Keeps the finished sentences of the line, if they have become many. */
export function advanceLine(line: OpenLine, text: string, lookup: Lookup): OpenLine {
	const length = text.length - line.split;
	if (length < line.patience) return line;
	const source = text.slice(line.split, line.split + lastSentence(text.slice(line.split)));
	const trees = buildInline(readInline(source, lookup.references));
	if (source === '' || /\\[([]/.test(source) || !isSettled(trees)) return { ...line, patience: length * 2 };
	return {
		from: line.from,
		split: line.split + source.length,
		kept: joined(line.kept, trees),
		patience: SHORT
	};
}

/** The paragraph so far. */
export function lineTree(line: OpenLine, text: string, lookup: Lookup): Tree {
	const rest = text.slice(line.split).replace(/[ \t]+$/, '');
	return element('p', { dir: 'auto' }, joined(line.kept, buildInline(readInline(rest, lookup.references))));
}

/** Text that was read in two pieces is one, as in the line read as a whole: then its end changes nothing on the page. */
function joined(before: readonly Tree[], after: readonly Tree[]): readonly Tree[] {
	const last = before.at(-1);
	const [first, ...others] = after;
	if (last?.kind !== 'text' || first?.kind !== 'text') return [...before, ...after];
	return [...before.slice(0, -1), textTree(last.text + first.text), ...others];
}
