/** Seconds over which a speed is averaged: short enough to show a stall, long enough not to jump. */
const WINDOW = 8;

/** How fast bytes arrive, averaged over the last seconds. Times are milliseconds. */
export class Pace {
	#samples: { at: number; done: number }[] = [];

	/** So many bytes are here by now. */
	note(done: number, at: number): void {
		const last = this.#samples.at(-1);
		// a file that is fetched anew takes bytes back: the speed begins anew, too
		if (last && done < last.done) this.#samples = [];
		this.#samples.push({ at, done });
		this.#forget(at);
	}

	/** Bytes a second; undefined before there is a second to judge by. */
	speed(now: number): number | undefined {
		this.#forget(now);
		const [first, last] = [this.#samples[0], this.#samples.at(-1)];
		if (!first || !last || now - first.at < 1_000) return undefined;
		return ((last.done - first.done) * 1_000) / (now - first.at);
	}

	/** The sample before the window stays: the speed is measured from there. */
	#forget(now: number): void {
		while (this.#samples[1] && this.#samples[1].at < now - WINDOW * 1_000) this.#samples.shift();
	}
}
