/** How often something may be done: `burst` at once, then one every `every` milliseconds. */
export interface Rate {
	burst: number;
	every: number;
}

interface Bucket {
	left: number;
	at: number;
}

/** Keys remembered at most; beyond it the ones that are full again, then the oldest, are forgotten. */
const MAX_KEYS = 50_000;

/** Token buckets by key, by the server's clock. A clock that jumps back gives nothing and takes nothing. */
export class RateLimiter {
	readonly #rate: Rate;
	readonly #now: () => number;
	readonly #buckets = new Map<string, Bucket>();

	constructor(rate: Rate, now: () => number) {
		this.#rate = rate;
		this.#now = now;
	}

	/** Takes one. @returns 0 when it was granted, else the milliseconds until the next would be */
	take(key: string): number {
		const bucket = this.#bucket(key);
		if (bucket.left < 1) return Math.ceil((1 - bucket.left) * this.#rate.every);
		bucket.left -= 1;
		return 0;
	}

	/** Gives one back: it turned out not to count. */
	giveBack(key: string): void {
		const bucket = this.#bucket(key);
		bucket.left = Math.min(this.#rate.burst, bucket.left + 1);
	}

	#bucket(key: string): Bucket {
		const now = this.#now();
		const known = this.#buckets.get(key);
		const gained = known ? Math.max(0, now - known.at) / this.#rate.every : 0;
		const left = known ? Math.min(this.#rate.burst, known.left + gained) : this.#rate.burst;
		const bucket = { left, at: now };
		this.#buckets.delete(key);
		if (this.#buckets.size >= MAX_KEYS) this.#forget(now);
		this.#buckets.set(key, bucket);
		return bucket;
	}

	/** The map is in the order of last use, so those that are full again stand first. */
	#forget(now: number): void {
		const whole = this.#rate.burst * this.#rate.every;
		for (const [key, { at }] of this.#buckets) {
			if (this.#buckets.size < MAX_KEYS && now - at < whole) return;
			this.#buckets.delete(key);
		}
	}
}
