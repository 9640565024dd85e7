/** A stretch of code and what it is (a class name of text.css), or '' for nothing special. */
export interface Run {
	text: string;
	kind: string;
}

/** Longest stretch that is coloured at once, in characters: what bounds the time that a step takes. */
const STRETCH = 6_000;

/**
 * Cuts code into stretches that are coloured apart, at a blank line where there is one. A comment or
 * string that runs over such a cut loses its colour there; code that long is rare, and never stalls the page.
 */
export function stretches(code: string): string[] {
	const found: string[] = [];
	let from = 0;
	while (code.length - from > STRETCH) {
		const window = code.slice(from, from + STRETCH);
		const blank = window.lastIndexOf('\n\n');
		const cut = blank > STRETCH / 2 ? blank + 2 : window.lastIndexOf('\n') + 1 || STRETCH;
		found.push(code.slice(from, from + cut));
		from += cut;
	}
	return [...found, code.slice(from)];
}
