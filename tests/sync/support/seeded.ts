/** A seeded source of choices: the same seed makes the same ones. */
export class Seeded {
	readonly seed: number;
	#state: number;

	constructor(seed: number) {
		this.seed = seed;
		this.#state = seed | 0;
	}

	/** A number in [0, 1), by mulberry32. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** A whole number from `least` to `most`, both included. */
	whole(least: number, most: number): number {
		return least + Math.floor(this.next() * (most - least + 1));
	}

	pick<T>(list: readonly T[]): T {
		const item = list[this.whole(0, list.length - 1)];
		if (item === undefined) throw new Error('nothing to pick from');
		return item;
	}
}
