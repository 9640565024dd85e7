import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it';

/** Longest formula within a line; it also bounds the search for its end. */
const MAX_INLINE = 2_000;

const CLOSERS = { $$: '$$', '\\[': '\\]', '\\(': '\\)' } as const;

/** What the block rules hand to the tree builder in a token's `meta`. */
export interface FormulaMeta extends Record<string, unknown> {
	display: boolean;
	closed: boolean;
	source: string;
}

function pushInline(state: StateInline, tex: string, source: string, display: boolean): void {
	const token = state.push('formula_inline', 'math', 0);
	token.content = tex.trim();
	token.meta = { display, closed: true, source } satisfies FormulaMeta;
}

/** `$…$`: no blank inside at either end, no digit after, so that prices stay prices. */
function singleDollarEnd(src: string, start: number, max: number): number {
	const limit = Math.min(max, start + MAX_INLINE);
	if (/[\s$]/.test(src.charAt(start + 1))) return -1;
	for (let i = start + 1; i < limit; i++) {
		const character = src[i];
		if (character === '\\') i++;
		else if (character === '$')
			return !/\s/.test(src.charAt(i - 1)) && !/[0-9]/.test(src.charAt(i + 1)) ? i : -1;
	}
	return -1;
}

function delimitedEnd(src: string, from: number, closer: string, max: number): number {
	const end = src.slice(from, Math.min(max, from + MAX_INLINE)).indexOf(closer);
	return end > 0 && src.slice(from, from + end).trim() !== '' ? from + end : -1;
}

/** `$…$`, `$$…$$`, `\(…\)` and `\[…\]` within a line of text. */
function formulaInline(state: StateInline, silent: boolean): boolean {
	const { src, pos, posMax } = state;
	const pair = src.slice(pos, pos + 2);
	const closer = pair in CLOSERS ? CLOSERS[pair as keyof typeof CLOSERS] : undefined;
	if (!closer && !pair.startsWith('$')) return false;
	const open = closer ? 2 : 1;
	const end = closer ? delimitedEnd(src, pos + 2, closer, posMax) : singleDollarEnd(src, pos, posMax);
	if (end < 0 || end + open > posMax) return false;
	if (!silent)
		pushInline(
			state,
			src.slice(pos + open, end),
			src.slice(pos, end + open),
			pair === '$$' || pair === '\\['
		);
	state.pos = end + open;
	return true;
}

/** The text of a line without its indentation. */
function lineText(state: StateBlock, line: number): string {
	return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
}

/**
 * Where a block formula that opens with `opener` on line `start` ends. What the first line says
 * decides that it is a block; nothing further on can take that back, so that a text which grows
 * never turns earlier blocks into a formula.
 */
function scanBlock(state: StateBlock, start: number, endLine: number, opener: '$$' | '\\[') {
	const closer = CLOSERS[opener];
	const bare = lineText(state, start).trim() === opener;
	for (let line = start + 1; line < endLine; line++) {
		const content = lineText(state, line);
		const blank = content.trim() === '';
		if (blank ? !bare : (state.sCount[line] ?? 0) < state.blkIndent) return { line, closed: false as const };
		const at = content.indexOf(closer);
		if (at >= 0)
			return { line, closed: true as const, last: content.slice(0, at), rest: content.slice(at + 2).trim() };
	}
	return { line: endLine, closed: false as const };
}

function pushBlock(state: StateBlock, lines: [number, number], tex: string, meta: FormulaMeta): void {
	const token = state.push('formula_block', 'math', 0);
	token.block = true;
	token.content = tex.trim();
	token.map = lines;
	token.meta = meta;
}

/** Text after a closing delimiter is a paragraph of its own; without a map, for it begins no line. */
function pushRest(state: StateBlock, rest: string): void {
	state.push('paragraph_open', 'p', 1);
	const inline = state.push('inline', '', 0);
	inline.content = rest;
	inline.children = [];
	state.push('paragraph_close', 'p', -1);
}

/** A line that begins with `$$` or `\[`, up to the line with the other end. */
function formulaBlock(state: StateBlock, start: number, endLine: number, silent: boolean): boolean {
	if ((state.sCount[start] ?? 0) - state.blkIndent >= 4) return false;
	const first = lineText(state, start);
	const opener =
		first.startsWith('$$') && first[2] !== '$' ? '$$' : first.startsWith('\\[') ? '\\[' : undefined;
	if (!opener) return false;
	const body = first.slice(2);
	const at = body.indexOf(CLOSERS[opener]);
	if (at >= 0) {
		if (body.slice(at + 2).trim() !== '' || body.slice(0, at).trim() === '') return false;
		if (silent) return true;
		state.line = start + 1;
		pushBlock(state, [start, start + 1], body.slice(0, at), {
			display: true,
			closed: true,
			source: first.trim()
		});
		return true;
	}
	if (silent) return true;
	const end = scanBlock(state, start, endLine, opener);
	const indent = state.sCount[start] ?? 0;
	const middle = state.getLines(start + 1, end.line, indent, false);
	const tex = [body, middle, end.closed ? end.last : ''].join('\n');
	state.line = end.closed ? end.line + 1 : end.line;
	const source = end.closed ? opener + tex + CLOSERS[opener] : (opener + tex).trimEnd();
	pushBlock(state, [start, state.line], tex, { display: true, closed: end.closed, source });
	if (end.closed && end.rest) pushRest(state, end.rest);
	return true;
}

/** Teaches `md` formulas: tokens `formula_inline` and `formula_block`, with a `FormulaMeta`. */
export function formulas(md: MarkdownIt): void {
	md.inline.ruler.before('escape', 'formula_inline', formulaInline);
	md.block.ruler.before('blockquote', 'formula_block', formulaBlock, {
		alt: ['paragraph', 'reference', 'blockquote', 'list']
	});
}
