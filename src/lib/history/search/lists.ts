/**
 * Posting lists: ascending whole numbers, each written as its distance from the one before, in groups of
 * seven bits, the lowest first; the highest bit says that another group follows. Half of them take one byte.
 */

/** @param numbers ascending, each once */
export function packList(numbers: readonly number[]): Uint8Array {
	const bytes: number[] = [];
	let last = 0;
	for (const number of numbers) {
		let distance = number - last;
		for (; distance > 127; distance = Math.floor(distance / 128)) bytes.push((distance % 128) + 128);
		bytes.push(distance);
		last = number;
	}
	return Uint8Array.from(bytes);
}

export function unpackList(bytes: Uint8Array): number[] {
	const numbers: number[] = [];
	let last = 0;
	let distance = 0;
	let weight = 1;
	for (const byte of bytes) {
		distance += (byte % 128) * weight;
		weight *= 128;
		if (byte > 127) continue;
		last += distance;
		numbers.push(last);
		distance = 0;
		weight = 1;
	}
	return numbers;
}

/** A list with more numbers in it, in any order. */
export function withNumbers(bytes: Uint8Array | undefined, added: Iterable<number>): Uint8Array {
	const all = new Set([...(bytes ? unpackList(bytes) : []), ...added]);
	return packList([...all].sort((a, b) => a - b));
}

/** The numbers that are in all sets, the highest first. */
export function inAll(sets: readonly ReadonlySet<number>[]): number[] {
	const [smallest, ...others] = sets.toSorted((a, b) => a.size - b.size);
	if (!smallest) return [];
	return [...smallest].filter((number) => others.every((set) => set.has(number))).sort((a, b) => b - a);
}
