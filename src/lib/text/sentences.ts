/** Marks that may stand between the end of a sentence and the blank after it. */
const CLOSERS = `"'”’»)\\]」』）】》*_~\``;

/**
 * Where a sentence can end: at . ! ? … before a blank (but not after the number of an item), at their
 * Chinese and Japanese fellows before anything, and at a line's end where another block begins.
 */
const END = new RegExp(
	[
		`(?<!^[ \\t]*\\d+)[.!?…]+[${CLOSERS}]*(?=\\s)`,
		`[。！？…]+[${CLOSERS}]*(?=[^${CLOSERS}。！？…])`,
		'\\n(?=[ \\t]*(?:\\n|[-*+>#|]|\\d+[.)]\\s|```|~~~))'
	].join('|'),
	'gm'
);

const FENCE = /\s*(`{3,}|~{3,})/y;

/** The end of the code block that opens at `at`, null when it is still open, undefined when there is none. */
function fenceEnd(text: string, at: number): number | null | undefined {
	FENCE.lastIndex = at;
	const marker = FENCE.exec(text)?.[1];
	if (!marker) return undefined;
	const closing = new RegExp(`\\n[ \\t]*\\${marker.charAt(0)}{${String(marker.length)},}[ \\t]*\\n`, 'g');
	closing.lastIndex = FENCE.lastIndex;
	return closing.test(text) ? closing.lastIndex : null;
}

function sentenceEnd(text: string, at: number): number | null {
	const fence = fenceEnd(text, at);
	if (fence !== undefined) return fence;
	END.lastIndex = at;
	return END.test(text) ? END.lastIndex : null;
}

/** Markdown as it would be said: without marks and addresses, and with what is given in place of a code block. */
function spoken(markdown: string, code: string): string {
	if (/^\s*(?:```|~~~)/.test(markdown)) return code;
	return markdown
		.replace(/^\s*\|?[ \t:|-]*-[ \t:|-]*$/gm, '')
		.replace(/!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
		.replace(/^[ \t]*(?:(?:#{1,6}|>|[-*+]|\d+[.)])[ \t]+(?:\[[ xX]\][ \t])?)+/gm, '')
		.replace(/[*_~`]+(?=\S)|(?<=\S)[*_~`]+/g, '')
		.replace(/^[ \t]*\||\|[ \t]*$/gm, '')
		.replace(/\s*\|\s*/g, ', ')
		.replace(/\s+/g, ' ')
		.trim();
}

/**
 * The sentences that have been finished in a text that grows, for a live region to say once each.
 * @param text the whole Markdown so far
 * @param from `next` of the call before, 0 at first
 * @param final that nothing follows: what is left counts as a sentence
 * @param code what is said in place of a block of code; nothing, when left out
 * @returns the sentences without marks, and where the first unfinished one begins
 */
export function finishedSentences(
	text: string,
	from: number,
	final: boolean,
	code = ''
): { sentences: string[]; next: number } {
	const sentences: string[] = [];
	let next = from;
	for (;;) {
		const end = sentenceEnd(text, next) ?? (final && next < text.length ? text.length : null);
		if (end === null) return { sentences, next };
		const words = spoken(text.slice(next, end), code);
		if (words) sentences.push(words);
		next = end;
	}
}
