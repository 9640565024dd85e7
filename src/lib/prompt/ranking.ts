import { estimateTokens, type Passage } from './passages.ts';

/** Okapi BM25's constants, as is usual: how soon repetition stops counting, how much length does. */
const K1 = 1.2;
const B = 0.75;

/** Words of a question that say nothing of what it is about. */
const EMPTY_WORDS = new Set(
	'a an and are as at be by can do does for from has have how i in is it its me my of on or that the this to was were what when where which who why will with you'.split(
		' '
	)
);

const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const CJK_RUNS = new RegExp(`${CJK.source}+`, 'gu');
const WORDS = new RegExp(`(?:(?!${CJK.source})[\\p{L}\\p{N}_])+`, 'gu');
const WORD_CHARACTER = /[\p{L}\p{N}_]/u;

/** What is looked for: words, and of scripts without spaces each two neighbouring characters. */
export function termsOf(question: string): string[] {
	const text = question.normalize('NFKC').toLowerCase();
	const words = (text.match(WORDS) ?? []).filter((word) => !EMPTY_WORDS.has(word));
	const pairs = (text.match(CJK_RUNS) ?? []).flatMap((run) => {
		const characters = Array.from(run);
		if (characters.length === 1) return characters;
		return characters.slice(1).map((character, index) => (characters[index] ?? '') + character);
	});
	return [...new Set([...words, ...pairs])];
}

/** A word counts where it begins one, so that "price" finds "prices"; short ones must be whole. */
function occurrences(text: string, term: string): number {
	const pair = CJK.test(term);
	let found = 0;
	for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) {
		const before = !pair && WORD_CHARACTER.test(text[at - 1] ?? '') && !CJK.test(text[at - 1] ?? '');
		const after = text[at + term.length] ?? '';
		const cut = !pair && term.length < 4 && WORD_CHARACTER.test(after) && !CJK.test(after);
		if (!before && !cut) found += 1;
	}
	return found;
}

/** Passages made ready to be searched, so that each further question costs little. */
export interface Searchable {
	passages: readonly Passage[];
	/** The same in small letters, one form for each character. */
	plain: string[];
	averageLength: number;
}

/** Makes passages ready for `rank`. */
export function searchable(passages: readonly Passage[]): Searchable {
	const plain = passages.map(({ text }) => text.normalize('NFKC').toLowerCase());
	const length = plain.reduce((sum, text) => sum + text.length, 0);
	return { passages, plain, averageLength: length / Math.max(1, plain.length) };
}

/** How well a passage must match to be worth its room, as a share of the best one's score. */
const WORTH = 0.2;

/** The passages that hold something of the question, best first; equals in their order. */
export function rank({ passages, plain, averageLength }: Searchable, question: string): Passage[] {
	const scores = new Float64Array(plain.length);
	for (const term of termsOf(question)) {
		const counts = plain.map((text) => occurrences(text, term));
		const holding = counts.filter((count) => count > 0).length;
		const rarity = Math.log(1 + (plain.length - holding + 0.5) / (holding + 0.5));
		counts.forEach((count, index) => {
			const length = (plain[index]?.length ?? 0) / averageLength;
			const weight = (count * (K1 + 1)) / (count + K1 * (1 - B + B * length));
			scores[index] = (scores[index] ?? 0) + rarity * weight;
		});
	}
	const best = scores.reduce((most, score) => Math.max(most, score), 0);
	return passages
		.map((passage, index) => ({ passage, score: scores[index] ?? 0 }))
		.filter(({ score }) => score > best * WORTH)
		.toSorted((a, b) => b.score - a.score)
		.map(({ passage }) => passage);
}

/** The best passages that fit into about `tokens` together, in the order of the files. */
export function bestPassages(files: Searchable, question: string, tokens: number): Passage[] {
	let left = tokens;
	const chosen = rank(files, question).filter(({ text }) => {
		// one for the mark between two of them
		const cost = estimateTokens(text) + 2;
		if (cost > left) return false;
		left -= cost;
		return true;
	});
	return chosen.toSorted((a, b) => a.file - b.file || a.start - b.start);
}
