/**
 * What a talking model says, and how its vocabulary is made. A talking model is a real network whose
 * weights were computed, not trained: embeddings are random vectors of ±1, attention is zero, and one
 * feed-forward layer is a table from the last token to the next. So it walks a chain of tokens, and
 * every token costs a true forward pass. Shared by the GGUF and the MLC writer; no Node in here, so
 * that browser tests can write models themselves.
 */

/** What the self-test model answers, whatever it is asked. */
export const SELF_TEST_SENTENCE =
	'Hello! This answer was computed on your own device by a tiny test model, which always says these same words. ' +
	'If you can read them, downloading, loading and streaming all work here: now choose any larger one for real answers.';

/** A text that no chain can say, since a chain knows only the last token. */
export class RecurringWordError extends Error {
	override readonly name = 'RecurringWordError';
	readonly word: string;

	constructor(word: string) {
		super(`${JSON.stringify(word)} recurs: a chain by last token needs distinct words`);
		this.word = word;
	}
}

/** The words of a text, punctuation joined to its word. */
export function wordsOf(text: string): string[] {
	return text.split(/\s+/).filter((word) => word !== '');
}

/** "1", "2", … up to `count`: a long answer in which a gap or a repetition shows. */
export function countingWords(count: number): string[] {
	return Array.from({ length: count }, (_, index) => String(index + 1));
}

/**
 * The text of each word's token: its own leading space, but for the first.
 * @throws RecurringWordError where two tokens would be equal
 */
export function wordTokens(words: readonly string[]): string[] {
	const tokens = words.map((word, index) => (index === 0 ? word : ` ${word}`));
	const seen = new Set<string>();
	for (const token of tokens) {
		if (seen.has(token)) throw new RecurringWordError(token.trim());
		seen.add(token);
	}
	return tokens;
}

/**
 * The printable characters that byte-level BPE writes for the 256 bytes, by byte: the printable ones
 * of Latin-1 stand for themselves, the others are counted up from U+0100.
 */
export function byteAlphabet(): string[] {
	let stranger = 0x100;
	return Array.from({ length: 256 }, (_, byte) => {
		const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
		return String.fromCodePoint(printable ? byte : stranger++);
	});
}

/** Token of the newline that ends "<|im_start|>assistant\n": the link every chain starts from. */
export const NEWLINE_TOKEN = 10;

/** Steps of a chain: on `key` the model says `next`. */
export interface Link {
	key: number;
	next: number;
}

/** The links of a chain of tokens, from the newline through the words to the end of the turn. */
export function linksOf(tokens: readonly number[]): Link[] {
	const links: Link[] = [];
	let key: number | undefined;
	for (const next of tokens) {
		if (key !== undefined) links.push({ key, next });
		key = next;
	}
	return links;
}

/** Endless ±1, the same for the same seed (Marsaglia's xorshift, 32 bits). */
export function signs(seed: number): () => 1 | -1 {
	let state = seed | 0 || 1;
	return () => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return state < 0 ? -1 : 1;
	};
}

/** A number that must be there: tables in here are filled by the code that reads them. */
export function at<T>(list: ArrayLike<T>, index: number): T {
	const value = list[index];
	if (value === undefined) throw new RangeError(`Nothing at ${index} of ${list.length}`);
	return value;
}
