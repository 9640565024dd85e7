/** Share of the time that drawing may take of the page's one thread; the rest is for its reader and for what writes. */
const SHARE = 1 / 8;

/** How long a text may stand still for that, in milliseconds: longer is seen as halting. */
const LONGEST = 150;

/** How many drawings are remembered. The cheapest of them counts: a moment in which others had the processor does not. */
const REMEMBERED = 3;

/** What a page offers to time its drawing by. Times in milliseconds. */
export interface Beat {
	now(): number;
	/** Calls before the next frame is drawn. @returns the function that takes it back */
	frame(call: () => void): () => void;
	/** Calls after a while. @returns the function that takes it back */
	after(ms: number, call: () => void): () => void;
	/** Calls once the frame that is being prepared is laid out and painted. */
	painted(call: () => void): void;
}

/** The window's own. */
export const windowBeat: Beat = {
	now: () => performance.now(),
	frame(call) {
		const handle = requestAnimationFrame(call);
		return () => cancelAnimationFrame(handle);
	},
	after(ms, call) {
		const handle = setTimeout(call, ms);
		return () => clearTimeout(handle);
	},
	painted(call) {
		// a frame is one task of the page: a message that is sent in its midst comes after it
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			call();
		};
		port2.postMessage(undefined);
	}
};

/**
 * Draws what grows at most once a frame, and less often where a frame costs much: a slow device, or a page that lays
 * out slowly, would else give most of its thread to drawing, and on few cores take that time from the engine.
 */
export class Pace {
	readonly #beat: Beat;
	/** What the last drawings cost, with layout and paint, in milliseconds. */
	#costs: number[] = [];
	#began = -Infinity;
	#work: (() => void) | undefined;
	#cancel: (() => void) | undefined;

	constructor(beat: Beat = windowBeat) {
		this.#beat = beat;
	}

	/** Does `work` when it is time to draw; of what is asked for until then only the last is done. */
	draw(work: () => void): void {
		this.#work = work;
		if (this.#cancel) return;
		const cost = this.#costs.length > 0 ? Math.min(...this.#costs) : 0;
		const wait = this.#began + Math.min(cost / SHARE, LONGEST) - this.#beat.now();
		if (wait > 0) this.#cancel = this.#beat.after(wait, () => this.#ask());
		else this.#ask();
	}

	/** Forgets what was to be drawn. */
	cancel(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		this.#work = undefined;
	}

	#ask(): void {
		this.#cancel = this.#beat.frame(() => {
			this.#cancel = undefined;
			const work = this.#work;
			this.#work = undefined;
			const began = this.#beat.now();
			this.#began = began;
			this.#beat.painted(() => {
				this.#costs = [...this.#costs.slice(1 - REMEMBERED), this.#beat.now() - began];
			});
			work?.();
		});
	}
}
