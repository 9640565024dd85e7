/** A clock that runs faster than the world, as much faster as a test wants at the moment; it never goes back. */
export class FastClock {
	#haste: number;
	#since = performance.now();
	#at = Date.now();

	constructor(haste: number) {
		this.#haste = haste;
	}

	/** How much faster from now on; what waits already keeps the haste it was begun in. */
	set haste(haste: number) {
		this.#at = this.now();
		this.#since = performance.now();
		this.#haste = haste;
	}

	readonly now = (): number => this.#at + (performance.now() - this.#since) * this.#haste;

	readonly after = (milliseconds: number, work: () => void): (() => void) => {
		const timer = setTimeout(work, milliseconds / this.#haste);
		return () => clearTimeout(timer);
	};
}
