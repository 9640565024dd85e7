import type { Tree } from './tree.ts';

/** A top-level code block that is being written: until its fence ends it, more text is more code. */
export interface OpenFence {
	readonly language: string;
	/** Where its content begins in the text. */
	readonly from: number;
	/** A line that ends it. */
	readonly closing: RegExp;
}

/**
 * The code block that `lines` are, when they are one that begins at the margin and still goes on.
 * @param trees what was read from `lines`
 * @param offset where `lines` begin in the text
 */
export function openFence(lines: string, offset: number, trees: readonly Tree[]): OpenFence | null {
	const [code, ...others] = trees;
	const opening = /^(`{3,}|~{3,})[^\n]*\n/.exec(lines);
	if (code?.kind !== 'code' || code.closed || others.length > 0 || !opening?.[1]) return null;
	if (code.text !== lines.slice(opening[0].length)) return null;
	const marker = opening[1];
	const closing = new RegExp(`^ {0,3}\\${marker.charAt(0)}{${String(marker.length)},}[ \\t]*$`, 'm');
	return { language: code.language, from: offset + opening[0].length, closing };
}

/** Whether `text`, of which `before` characters were looked at, has no line yet that ends the fence. */
export function fenceGoesOn(fence: OpenFence, text: string, before: number): boolean {
	const line = before > 0 ? text.lastIndexOf('\n', before - 1) + 1 : 0;
	return !fence.closing.test(text.slice(Math.max(fence.from, line)));
}

/** The tree of an open fence. */
export function fenceTree(fence: OpenFence, text: string): Tree {
	return { kind: 'code', language: fence.language, text: text.slice(fence.from), closed: false };
}
