/** Scripts that are written without spaces between words: any two neighbours there are a term. */
const SCRIPTS =
	'ー\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const PARTS = new RegExp(`[${SCRIPTS}]+|(?:(?![${SCRIPTS}])[\\p{L}\\p{N}])+`, 'gu');
const UNSPACED = new RegExp(`^[${SCRIPTS}]`, 'u');
const OF_WORDS = new RegExp(`^(?![${SCRIPTS}])[\\p{L}\\p{N}]`, 'u');

/** Longer words are known by their beginning, in characters. */
const LONGEST = 32;

/** From how many letters on a word that is still being typed finds the words that begin with it. */
const SHORTEST_PREFIX = 2;

/** A text as search compares it, with where each of its UTF-16 code units came from. */
export interface Folded {
	text: string;
	/** For each code unit of `text` its place in the original, and the original's length at the end. */
	places: number[];
}

/** What a UTF-16 code unit is as search compares it, learned as they come: normalizing each time takes long. */
const FOLDED = new Uint16Array(0x1_0000);

/** In the table above: one that is not exactly one unit then, or is half of a character. */
const OTHER = 0xffff;

/** Units that are made a string at a time: each is an argument. */
const UNITS = 4_096;

/** Without case, accents, and differences of width ("Ｃａｆé" is "cafe"). */
export function fold(original: string): Folded {
	const units: number[] = [];
	const places: number[] = [];
	for (let at = 0; at < original.length;) {
		const code = original.charCodeAt(at);
		const unit = FOLDED[code] || learn(code);
		if (unit !== OTHER) {
			units.push(unit);
			places.push(at++);
			continue;
		}
		const character = String.fromCodePoint(original.codePointAt(at) ?? code);
		const folded = foldCharacter(character);
		for (let n = 0; n < folded.length; n++) {
			units.push(folded.charCodeAt(n));
			places.push(at);
		}
		at += character.length;
	}
	places.push(original.length);
	return { text: stringOf(units), places };
}

function learn(code: number): number {
	const surrogate = code >= 0xd800 && code <= 0xdfff;
	const folded = surrogate ? '' : foldCharacter(String.fromCharCode(code));
	return (FOLDED[code] = folded.length === 1 ? folded.charCodeAt(0) : OTHER);
}

function stringOf(units: readonly number[]): string {
	let text = '';
	for (let at = 0; at < units.length; at += UNITS)
		text += String.fromCharCode(...units.slice(at, at + UNITS));
	return text;
}

function foldCharacter(character: string): string {
	return character
		.normalize('NFKD')
		.replace(/\p{M}+/gu, '')
		.toLowerCase();
}

/** What a person looks for: words, and runs of scripts without spaces. All must be in a message. */
export type Wanted = { kind: 'run'; text: string } | { kind: 'word'; text: string; prefix: boolean };

/** Reads what is typed so far; its last word may go on. */
export function readQuery(query: string): Wanted[] {
	const parts = fold(query).text.match(PARTS) ?? [];
	return parts.map((text, index): Wanted => {
		if (UNSPACED.test(text)) return { kind: 'run', text };
		const last = index === parts.length - 1;
		return { kind: 'word', text, prefix: last && text.length >= SHORTEST_PREFIX };
	});
}

/**
 * The terms under which a text is listed, each once. The end of a run is a term alone where no pair begins with it, so
 * that any single character begins some term.
 */
export function termsOf(original: string): Set<string> {
	const terms = new Set<string>();
	const begun = new Set<string>();
	const ends = new Set<string>();
	for (const [part] of fold(original).text.matchAll(PARTS)) {
		if (!UNSPACED.test(part)) {
			terms.add(part.slice(0, LONGEST));
			continue;
		}
		const characters = Array.from(part);
		for (const [index, character] of characters.entries()) {
			const next = characters[index + 1];
			if (next === undefined) ends.add(character);
			else {
				terms.add(character + next);
				begun.add(character);
			}
		}
	}
	for (const end of ends) if (!begun.has(end)) terms.add(end);
	return terms;
}

/** The terms that a text must have to be worth reading, and whether each stands for all that begin with it. */
export function lookups(wanted: readonly Wanted[]): { term: string; prefix: boolean }[] {
	return wanted.flatMap((want) => {
		if (want.kind === 'word') return [{ term: want.text.slice(0, LONGEST), prefix: want.prefix }];
		const pairs = pairsOf(want.text);
		if (pairs.length > 0) return pairs.map((term) => ({ term, prefix: false }));
		return [{ term: want.text, prefix: true }];
	});
}

/** Neighbours by twos. */
function pairsOf(run: string): string[] {
	const characters = Array.from(run);
	return characters.slice(1).map((character, index) => (characters[index] ?? '') + character);
}

/**
 * Where a text has what is wanted: ranges of the original in UTF-16 code units, sorted and apart.
 * @returns undefined when something wanted is not there
 */
export function matchesOf(
	original: string,
	wanted: readonly Wanted[]
): [from: number, to: number][] | undefined {
	const { text, places } = fold(original);
	const found: [number, number][] = [];
	for (const want of wanted) {
		const here = want.kind === 'run' ? runsIn(text, want.text) : wordsIn(text, want);
		if (here.length === 0) return undefined;
		found.push(...here);
	}
	const ranges = found.map(([from, to]): [number, number] => [
		places[from] ?? 0,
		places[to] ?? original.length
	]);
	return joined(ranges);
}

function runsIn(text: string, run: string): [number, number][] {
	const found: [number, number][] = [];
	for (let at = text.indexOf(run); at >= 0; at = text.indexOf(run, at + run.length))
		found.push([at, at + run.length]);
	return found;
}

/** Where words are what is wanted, or begin with it. */
function wordsIn(text: string, want: Wanted & { kind: 'word' }): [number, number][] {
	const found: [number, number][] = [];
	for (let at = text.indexOf(want.text); at >= 0; at = text.indexOf(want.text, at + 1)) {
		const end = at + want.text.length;
		if (OF_WORDS.test(characterBefore(text, at)) || (!want.prefix && OF_WORDS.test(text.slice(end, end + 2))))
			continue;
		found.push([at, end]);
	}
	return found;
}

function characterBefore(text: string, at: number): string {
	const last = text.slice(at - 1, at);
	const whole = text.slice(Math.max(0, at - 2), at);
	return whole.length > last.length && (whole.codePointAt(0) ?? 0) > 0xffff ? whole : last;
}

function joined(ranges: [number, number][]): [number, number][] {
	const result: [number, number][] = [];
	for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
		const last = result.at(-1);
		if (last && from <= last[1]) last[1] = Math.max(last[1], to);
		else result.push([from, to]);
	}
	return result;
}
