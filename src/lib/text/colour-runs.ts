/** A stretch of code and what it is (a class name of text.css), or '' for nothing special. */
export interface Run {
	text: string;
	kind: string;
}

/** Lines of code that are laid out together. */
const PART_LINES = 32;

/** Longest stretch that is coloured at once, in characters: what bounds the time that a step takes. */
const STRETCH = 4_000;

/** Beyond this a stretch is one line of data rather than code to be read: it stays as it is. */
export const LONGEST_COLOURED = 20_000;

/** Cuts code after every 32 lines. A part that gets more text at its end costs a layout of itself alone. */
export function codeParts(code: string): string[] {
	const parts: string[] = [];
	let from = 0;
	let lines = 0;
	for (let end = code.indexOf('\n'); end >= 0; end = code.indexOf('\n', end + 1)) {
		lines++;
		if (lines % PART_LINES > 0 || end + 1 === code.length) continue;
		parts.push(code.slice(from, end + 1));
		from = end + 1;
	}
	return [...parts, code.slice(from)];
}

/**
 * Groups parts into stretches that are coloured apart. A comment or string that runs over the end of
 * one loses its colour there; code that long is rare, and never stalls the page.
 */
export function stretches(parts: readonly string[]): { first: number; count: number; code: string }[] {
	const found: { first: number; count: number; code: string }[] = [];
	for (const [i, part] of parts.entries()) {
		const last = found.at(-1);
		if (last && last.code.length + part.length <= STRETCH) {
			last.code += part;
			last.count++;
		} else found.push({ first: i, count: 1, code: part });
	}
	return found;
}

/** Deals the runs of a stretch out to its parts, given their lengths. */
export function dealRuns(runs: readonly Run[], lengths: readonly number[]): Run[][] {
	const dealt: Run[][] = lengths.map(() => []);
	let part = 0;
	let room = lengths[0] ?? 0;
	for (const { text, kind } of runs) {
		for (let at = 0; at < text.length;) {
			while (room === 0 && part < lengths.length - 1) room = lengths[++part] ?? 0;
			const piece = text.slice(at, at + Math.max(1, room));
			dealt[part]?.push({ text: piece, kind });
			room -= piece.length;
			at += piece.length;
		}
	}
	return dealt;
}
