/**
 * Whole numbers in few bits. Codes: Rice, "Some practical universal noiseless coding techniques" (JPL 79-22, 1979),
 * for distances whose mean is known; Elias gamma (IEEE Transactions on Information Theory 21, 1975) for counts.
 * Bits fill each byte from its lowest on.
 */

/** Bits of the longest field of fixed width. */
const WIDEST = 24;

export class BitWriter {
	#bytes = new Uint8Array(256);
	#length = 0;
	/** Bits that do not fill a byte yet. */
	#held = 0;
	#count = 0;

	/** Whole bytes so far. */
	get length(): number {
		return this.#length;
	}

	/** @param width bits, at most 24 */
	write(value: number, width: number): void {
		this.#held |= value << this.#count;
		this.#count += width;
		for (; this.#count >= 8; this.#count -= 8) {
			this.#push(this.#held & 0xff);
			this.#held >>>= 8;
		}
	}

	/** So many zeros, and a one. */
	unary(zeros: number): void {
		for (let left = zeros; left > 0; left -= WIDEST) this.write(0, Math.min(left, WIDEST));
		this.write(1, 1);
	}

	rice(value: number, width: number): void {
		this.unary(value >>> width);
		this.write(value & ((1 << width) - 1), width);
	}

	/** @param value 1 or more */
	gamma(value: number): void {
		const width = 31 - Math.clz32(value);
		this.unary(width);
		this.write(value & ((1 << width) - 1), width);
	}

	/** All that was written; the last byte is filled up with zeros. */
	bytes(): Uint8Array {
		if (this.#count > 0) this.write(0, 8 - this.#count);
		return this.#bytes.subarray(0, this.#length);
	}

	#push(byte: number): void {
		if (this.#length === this.#bytes.length) {
			const larger = new Uint8Array(2 * this.#length);
			larger.set(this.#bytes);
			this.#bytes = larger;
		}
		this.#bytes[this.#length++] = byte;
	}
}

/** Reads what a `BitWriter` wrote. Past the end there are ones, so that damaged bytes are read to an end. */
export class BitReader {
	readonly #bytes: Uint8Array;
	#at: number;
	#held = 0;
	#count = 0;

	constructor(bytes: Uint8Array, from = 0) {
		this.#bytes = bytes;
		this.#at = from;
	}

	read(width: number): number {
		while (this.#count < width) {
			this.#held |= this.#next() << this.#count;
			this.#count += 8;
		}
		const value = this.#held & ((1 << width) - 1);
		this.#held >>>= width;
		this.#count -= width;
		return value;
	}

	unary(): number {
		let zeros = 0;
		while (this.#held === 0) {
			zeros += this.#count;
			this.#held = this.#next();
			this.#count = 8;
		}
		const here = 31 - Math.clz32(this.#held & -this.#held);
		this.#held >>>= here + 1;
		this.#count -= here + 1;
		return zeros + here;
	}

	rice(width: number): number {
		const above = this.unary();
		return (above << width) | this.read(width);
	}

	gamma(): number {
		const width = Math.min(this.unary(), WIDEST);
		return (1 << width) | this.read(width);
	}

	#next(): number {
		return this.#bytes[this.#at++] ?? 0xff;
	}
}
