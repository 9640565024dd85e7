import type { Clock } from '#lib/link/link.ts';
import { BOUNDS, type Signal } from './payload.ts';

/** Milliseconds that pieces are gathered for. */
const GATHER = 80;
/** Milliseconds after which a host that has nothing to say says that it is there. */
const ALIVE = 2_000;
/** Milliseconds between two times that something is said again. */
const AGAIN = 1_000;
/** Pieces that go out together. */
const AT_ONCE = 4;

/** Tells a room the answer that this device is writing, a few times a second and never more than is new (G4). */
export class Stream {
	readonly #claim: string;
	readonly #clock: Clock;
	readonly #say: (signal: Signal) => void;
	#text: string;
	#told = 0;
	#rewound = -Infinity;
	#spoken = -Infinity;
	#timer: () => void;

	/** @param text what is written already */
	constructor(claim: string, text: string, clock: Clock, say: (signal: Signal) => void) {
		this.#claim = claim;
		this.#text = text;
		this.#clock = clock;
		this.#say = say;
		this.#timer = clock.after(0, () => this.#tell());
	}

	get text(): string {
		return this.#text;
	}

	/** The text so far. */
	set(text: string): void {
		// a model that began anew has other words
		if (!text.startsWith(this.#text.slice(0, this.#told))) this.#told = 0;
		this.#text = text.slice(0, BOUNDS.answer);
		// a hidden page's timers may sleep: what comes from the model wakes it too
		if (Math.abs(this.#clock.now() - this.#spoken) >= GATHER) this.#tell();
	}

	/** Somebody missed what follows a place. */
	rewind(offset: number): void {
		const now = this.#clock.now();
		if (Math.abs(now - this.#rewound) < AGAIN) return;
		this.#rewound = now;
		this.#told = Math.min(this.#told, offset);
	}

	close(): void {
		this.#timer();
	}

	#tell(): void {
		this.#timer();
		const now = this.#clock.now();
		const quiet = Math.abs(now - this.#spoken) >= ALIVE;
		if (this.#told < this.#text.length || quiet) {
			this.#spoken = now;
			for (let pieces = 0; pieces < AT_ONCE; pieces++) {
				const text = this.#text.slice(this.#told, this.#told + BOUNDS.piece);
				if (text === '' && pieces > 0) break;
				this.#say({ t: 'draft', claim: this.#claim, offset: this.#told, text });
				this.#told += text.length;
			}
		}
		this.#timer = this.#clock.after(GATHER, () => this.#tell());
	}
}
