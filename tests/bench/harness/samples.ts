/** Repeated measurements of one thing, in its own unit. */
export interface Samples {
	median: number;
	least: number;
	most: number;
	/** In the order they were taken. */
	all: number[];
}

const FEWEST = 5;

/** @throws RangeError when there are fewer than five: a median of less says little */
export function summarize(all: number[]): Samples {
	if (all.length < FEWEST) throw new RangeError(`a median needs ${FEWEST} measurements, not ${all.length}`);
	const sorted = all.toSorted((a, b) => a - b);
	const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
	const median = middle.reduce((sum, value) => sum + value, 0) / middle.length;
	return { median, least: Math.min(...all), most: Math.max(...all), all };
}

/**
 * Runs all measurements once, then all again, `n` times, each time in the opposite order: what one
 * leaves behind falls on the others as often as on itself.
 */
export async function mediansOf<Name extends string>(
	n: number,
	measures: Record<Name, () => Promise<number>>
): Promise<Record<Name, Samples>> {
	const names = Object.keys(measures) as Name[];
	const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
	for (let round = 0; round < n; round++) {
		const turn = round % 2 ? names.toReversed() : names;
		for (const name of turn) values[name].push(await measures[name]());
	}
	const samples = names.map((name) => [name, summarize(values[name])]);
	return Object.fromEntries(samples) as Record<Name, Samples>;
}
