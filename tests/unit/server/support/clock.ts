import type { Clock } from '../../../../src/server/clock.ts';

interface Due {
	at: number;
	work: () => void;
}

/** A clock that stands still until it is turned. */
export class FakeClock implements Clock {
	#now: number;
	#due: Due[] = [];

	constructor(now = 1_700_000_000_000) {
		this.#now = now;
	}

	now = (): number => this.#now;

	after(milliseconds: number, work: () => void): () => void {
		const due = { at: this.#now + milliseconds, work };
		this.#due.push(due);
		return () => {
			this.#due = this.#due.filter((other) => other !== due);
		};
	}

	/** Moves on (or back, below 0) and does what falls due, in its order. */
	turn(milliseconds: number): void {
		const end = this.#now + milliseconds;
		for (;;) {
			const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
			if (!next) break;
			this.#due = this.#due.filter((other) => other !== next);
			this.#now = Math.max(this.#now, next.at);
			next.work();
		}
		this.#now = end;
	}
}
