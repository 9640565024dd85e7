/** Time, as it is handed to all that needs it; tests hand in one that they turn themselves. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Calls `work` once after some milliseconds; the answer calls it off. Keeps no process alive. */
	after(milliseconds: number, work: () => void): () => void;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	after(milliseconds, work) {
		const timer = setTimeout(work, milliseconds).unref();
		return () => clearTimeout(timer);
	}
};
