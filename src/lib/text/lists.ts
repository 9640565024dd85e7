import type { Token } from './grammar.ts';

type Lines = readonly string[];

function isBlank(lines: Lines, line: number): boolean {
	return (lines[line] ?? '').trim() === '';
}

/** Whether a blank line lies between a block that ends before `end` and one that begins at `start`. */
function isParted(lines: Lines, end: number, start: number): boolean {
	if (isBlank(lines, start - 1)) return true;
	for (let line = end; line < start; line++) if (isBlank(lines, line)) return true;
	return false;
}

/**
 * Whether a top-level list is loose: blank lines part its items, or the blocks within one of them.
 * Told from the lines alone, so that the parts of a list that are read apart can be joined; what is
 * loose once stays loose however the list goes on.
 * @param index where the list's opening token stands in `tokens`
 * @param lines the source that was read, by line
 */
export function isLoose(tokens: readonly Token[], index: number, lines: Lines): boolean {
	const list = tokens[index];
	if (!list) return false;
	// the end of the last block seen among items (level + 1) and among an item's blocks (level + 2)
	let itemEnd: number | null = null;
	let blockEnd: number | null = null;
	for (let i = index + 1; i < tokens.length; i++) {
		const token = tokens[i];
		if (!token || token.level === list.level) break;
		if (!token.map || token.nesting === -1) continue;
		const [start, end] = token.map;
		if (token.level === list.level + 1) {
			if (itemEnd !== null && isParted(lines, itemEnd, start)) return true;
			itemEnd = end;
			blockEnd = null;
		} else if (token.level === list.level + 2 && token.type !== 'inline') {
			if (blockEnd !== null && isParted(lines, blockEnd, start)) return true;
			blockEnd = end;
		}
	}
	return false;
}
