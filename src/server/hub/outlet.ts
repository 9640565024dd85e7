import { LIMITS } from '#lib/wire/frames.ts';
import { messageOf, type SharedFrame } from './frames.ts';

/** The socket's side of an outlet. */
export interface Line {
	/** Sends messages, made by `messageOf`, in one go. */
	send(messages: readonly Buffer[]): void;
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

/** From here on, in characters, a frame that is shared is a message of its own: nobody writes it again for himself. */
const LARGE = 2_048;

/** The way out to one connection: gathers a turn's frames into as few messages as F1 allows (F5). */
export class Outlet {
	readonly #line: Line;
	readonly #dirty: (outlet: Outlet) => void;
	#frames: (string | SharedFrame)[] = [];
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
	push(frame: string | SharedFrame): void {
		if (this.#ended) return;
		if (this.#frames.length === 0) this.#dirty(this);
		this.#frames.push(frame);
		this.#chars += frame.length;
	}

	/** Sends a frame if it fits below a bound. @returns whether it did */
	offer(frame: string | SharedFrame, bound: number): boolean {
		if (this.outstanding + frame.length > bound) return false;
		this.push(frame);
		return true;
	}

	/** Sends what has gathered. */
	flush(): void {
		const frames = this.#frames;
		this.#frames = [];
		this.#chars = 0;
		if (!this.#ended && frames.length > 0) this.#line.send(messagesOf(frames));
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
}

/** As few messages as F1 allows, but that large frames which others get too are not written anew (F5). */
function messagesOf(frames: readonly (string | SharedFrame)[]): Buffer[] {
	const messages: Buffer[] = [];
	let part: string[] = [];
	let chars = 0;
	const end = () => {
		if (part.length > 0) messages.push(messageOf(`[${part.join(',')}]`));
		part = [];
		chars = 0;
	};
	for (const frame of frames) {
		if (typeof frame !== 'string' && (frames.length === 1 || frame.length >= LARGE)) {
			end();
			messages.push(frame.message);
			continue;
		}
		if (part.length === LIMITS.framesPerMessage || chars + frame.length > MESSAGE_CHARS) end();
		part.push(typeof frame === 'string' ? frame : frame.text);
		chars += frame.length;
	}
	end();
	return messages;
}
