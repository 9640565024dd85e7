import { LIMITS } from '#lib/wire/frames.ts';

/** The socket's side of an outlet. */
export interface Line {
	send(message: Buffer): void;
	/** Bytes that were given to it and are not yet on their way. */
	readonly buffered: number;
}

/** What a connection may have waiting (L2), in bytes. Frames are ASCII: a character is a byte. */
export const ROOM = {
	/** Beyond this, events wait in the log. The rest up to 1 MiB is for answers to what the client itself sends. */
	events: 768 * 1_024,
	/** Beyond this, ephemeral frames are dropped. */
	ephemeral: 256 * 1_024,
	/** Beyond this, the client is not read from. */
	answers: 960 * 1_024,
	/** Below this, a page of the log may follow. */
	page: 128 * 1_024
} as const;

/** Leaves place for the brackets and commas of a full message. */
const MESSAGE_CHARS = LIMITS.messageBytes - 2 - LIMITS.framesPerMessage;

/** The way out to one connection: gathers a turn's frames into as few messages as F1 allows (F5). */
export class Outlet {
	readonly #line: Line;
	readonly #dirty: (outlet: Outlet) => void;
	#frames: string[] = [];
	#chars = 0;
	#ended = false;
	#waiting: { below: number; resolve: () => void }[] = [];

	/** @param dirty is told when there is something to flush */
	constructor(line: Line, dirty: (outlet: Outlet) => void) {
		this.#line = line;
		this.#dirty = dirty;
	}

	/** Bytes not yet on their way. */
	get outstanding(): number {
		return this.#line.buffered + this.#chars;
	}

	/** Sends a frame, whatever is waiting. */
	push(frame: string): void {
		if (this.#ended) return;
		if (this.#frames.length === 0) this.#dirty(this);
		this.#frames.push(frame);
		this.#chars += frame.length;
	}

	/** Sends a frame if it fits below a bound. @returns whether it did */
	offer(frame: string, bound: number): boolean {
		if (this.outstanding + frame.length > bound) return false;
		this.push(frame);
		return true;
	}

	/** @param shared messages of this turn by their only frame, which many connections have in common */
	flush(shared: Map<string, Buffer>): void {
		const frames = this.#frames;
		this.#frames = [];
		this.#chars = 0;
		if (this.#ended) return;
		let from = 0;
		let chars = 0;
		for (const [index, frame] of frames.entries()) {
			if (
				index > from &&
				(index - from === LIMITS.framesPerMessage || chars + frame.length > MESSAGE_CHARS)
			) {
				this.#send(frames.slice(from, index), shared);
				from = index;
				chars = 0;
			}
			chars += frame.length;
		}
		if (from < frames.length) this.#send(frames.slice(from), shared);
	}

	/** Resolves once less than this is waiting, or there is nobody to wait for any more. */
	below(bound: number): Promise<void> {
		if (this.#ended || this.outstanding < bound) return Promise.resolve();
		return new Promise((resolve) => this.#waiting.push({ below: bound, resolve }));
	}

	/** The line got something on its way. */
	drained(): void {
		if (this.#waiting.length === 0) return;
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const one of waiting) {
			if (this.#ended || this.outstanding < one.below) one.resolve();
			else this.#waiting.push(one);
		}
	}

	end(): void {
		this.#ended = true;
		this.#frames = [];
		this.#chars = 0;
		this.drained();
	}

	#send(frames: readonly string[], shared: Map<string, Buffer>): void {
		const only = frames.length === 1 ? frames[0] : undefined;
		const known = only === undefined ? undefined : shared.get(only);
		const message = known ?? Buffer.from(`[${frames.join(',')}]`, 'latin1');
		if (only !== undefined && !known) shared.set(only, message);
		this.#line.send(message);
	}
}
