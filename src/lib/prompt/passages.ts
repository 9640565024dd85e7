/**
 * What is sent of files that are too long for the context window: their first parts, or the passages
 * that match the question best. Pure: texts come in, texts come out.
 */

/**
 * Tokens for all files of a question: half of the window of 4,096 that the models here have. The rest is
 * for the conversation and the answer, and for what an estimate errs.
 */
export const ATTACHMENT_TOKENS = 2048;

/** Bytes of UTF-8 that a token stands for, on the average of English, Chinese and code. */
const BYTES_PER_TOKEN = 4;

/** About how many tokens a text has. The model's own tokenizer may count a third more or less. */
export function estimateTokens(text: string): number {
	return Math.ceil(new TextEncoder().encode(text).length / BYTES_PER_TOKEN);
}

/** The longest beginning of about `tokens`, cut between lines or words where one ends near. */
export function firstPart(text: string, tokens: number): string {
	const room = new Uint8Array(Math.max(0, Math.floor(tokens * BYTES_PER_TOKEN)));
	const { read } = new TextEncoder().encodeInto(text, room);
	if (read >= text.length) return text;
	const cut = text.slice(0, read);
	for (const end of ['\n', ' ', '。']) {
		const at = cut.lastIndexOf(end);
		if (at > read * 0.8) return cut.slice(0, at + (end === '。' ? 1 : 0));
	}
	return cut;
}

/** The first part of each text; short ones leave what they do not need to the others. */
export function firstParts(texts: readonly string[], tokens: number): string[] {
	const order = texts.map((text, index) => ({ index, need: estimateTokens(text) }));
	const parts = texts.map(() => '');
	let left = tokens;
	order
		.toSorted((a, b) => a.need - b.need)
		.forEach(({ index, need }, place) => {
			const share = Math.min(need, Math.floor(left / (texts.length - place)));
			parts[index] = firstPart(texts[index] ?? '', share);
			left -= share;
		});
	return parts;
}

/** A piece of a file. */
export interface Passage {
	/** The file's place in the list that was split. */
	file: number;
	/** Where it starts in the file's text, in UTF-16 code units. */
	start: number;
	text: string;
}

/** Passages are paragraphs; shorter ones go with the next, and longer ones are cut. In UTF-16 code units. */
const SHORT = 200;
const LONG = 800;

/** Cuts a text into passages that together are all of it but for empty lines. */
export function passagesOf(text: string, file = 0): Passage[] {
	const passages: Passage[] = [];
	let start = 0;
	const close = (end: number) => {
		const piece = text.slice(start, end);
		const lead = piece.length - piece.trimStart().length;
		if (piece.trim()) passages.push({ file, start: start + lead, text: piece.trim() });
		start = end;
	};
	// a line's words, and what ends it; a line that is too long is cut at sentences, else anywhere
	for (const { 0: line, index } of text.matchAll(/[^\n]*\n?/g)) {
		if (line.trim() === '' && index - start >= SHORT) close(index);
		if (index > start && index + line.length - start > LONG) close(index);
		while (index + line.length - start > LONG) close(start + cutOf(text.slice(start, start + LONG)));
	}
	close(text.length);
	return passages;
}

/** Passages of one text in their order as one text again, with `gap` wherever words are left out. */
export function joined(passages: readonly Passage[], text: string, gap: string): string {
	let end: number | undefined;
	return passages.reduce((all, passage) => {
		const between = end === undefined ? '' : text.slice(end, passage.start);
		end = passage.start + passage.text.length;
		return all + (between.trim() === '' ? between : gap) + passage.text;
	}, '');
}

function cutOf(piece: string): number {
	const sentence = Math.max(...['。', '！', '？', '. ', '! ', '? '].map((end) => piece.lastIndexOf(end)));
	if (sentence > SHORT) return sentence + 1;
	const space = piece.lastIndexOf(' ');
	if (space > SHORT) return space;
	// not between the halves of one character
	return /[\uD800-\uDBFF]$/.test(piece) ? piece.length - 1 : piece.length;
}
