/** A piece of a passage, and whether it was looked for. */
export interface Piece {
	text: string;
	found: boolean;
}

/** How much is shown before the first match and in all, in UTF-16 code units. */
const BEFORE = 30;
const LENGTH = 140;

/**
 * The passage around a text's first match, on one line, with what was found in it.
 * @param ranges of the text in UTF-16 code units, sorted and apart
 */
export function passage(text: string, ranges: readonly (readonly [from: number, to: number])[]): Piece[] {
	const first = ranges[0]?.[0] ?? 0;
	const from = whole(text, Math.max(0, first - BEFORE));
	const to = whole(text, Math.min(text.length, from + LENGTH));
	const pieces: Piece[] = [];
	const add = (start: number, end: number, found: boolean) => {
		const piece = text.slice(Math.max(from, start), Math.min(to, end)).replace(/\s+/g, ' ');
		if (piece !== '') pieces.push({ text: piece, found });
	};
	if (from > 0) pieces.push({ text: '…', found: false });
	let at = from;
	for (const [start, end] of ranges) {
		add(at, start, false);
		add(start, end, true);
		at = end;
	}
	add(at, to, false);
	if (to < text.length) pieces.push({ text: '…', found: false });
	return pieces;
}

/** A place that does not cut a character of two code units in half. */
function whole(text: string, at: number): number {
	const unit = text.charCodeAt(at);
	return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
