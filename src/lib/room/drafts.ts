import type { Claim } from '#lib/history/rooms/rows.ts';
import type { Clock } from '#lib/link/link.ts';
import { BOUNDS, type Signal } from './payload.ts';

/** Milliseconds without a word from a claim's device, after which it counts as gone. */
export const STALLED_AFTER = 10_000;

/** Milliseconds between two wishes for what was missed. */
const WANT_EVERY = 500;

/** An answer that is being written, as far as it was heard. */
export interface Draft {
	claim: string;
	text: string;
	/** Whether nothing was heard of it for so long that its device counts as gone. */
	stalled: boolean;
}

/** An answer whose claim lives. */
export interface Claimed {
	ask: string;
	claim: Claim;
	/** Whether it is this device's, which knows how it is. */
	mine: boolean;
}

interface Heard extends Draft {
	device: string;
	mine: boolean;
	wanted: number;
	/** Calls off the end of its patience. */
	end: () => void;
}

interface DraftsEnvironment {
	clock: Clock;
	/** Something is shown otherwise now. */
	changed(): void;
	/** A claim's device counts as gone. */
	stalled(): void;
	/** Asks a claim's device for what follows a place. */
	want(claim: string, offset: number): void;
}

/**
 * What is heard of the answers that others write, piece by piece, and whether they still do. A piece counts only
 * from the device whose claim lives (G3). What was heard under a claim that is over stays, for whoever goes on.
 */
export class Drafts {
	readonly #env: DraftsEnvironment;
	readonly #all = new Map<string, Heard>();

	constructor(env: DraftsEnvironment) {
		this.#env = env;
	}

	/** By the messages that are answered. */
	get all(): Record<string, Draft> {
		const shown = [...this.#all].map(([ask, { claim, text, stalled }]) => [ask, { claim, text, stalled }]);
		return Object.fromEntries(shown) as Record<string, Draft>;
	}

	/** The longest text that was seen of an answer. */
	text(ask: string): string {
		return this.#all.get(ask)?.text ?? '';
	}

	isStalled(ask: string): boolean {
		return this.#all.get(ask)?.stalled === true;
	}

	/** The claims that live now. Those that are new have as long as all others to be heard of. */
	follow(claimed: readonly Claimed[]): void {
		for (const [ask, { end }] of this.#all) {
			if (claimed.some((one) => one.ask === ask)) continue;
			end();
			this.#all.delete(ask);
		}
		for (const { ask, claim, mine } of claimed) {
			const before = this.#all.get(ask);
			if (before?.claim === claim.id) continue;
			before?.end();
			const text = before?.text ?? '';
			const heard = { claim: claim.id, device: claim.device, mine, text, stalled: false, wanted: -Infinity };
			this.#all.set(ask, { ...heard, end: this.#patience(ask, mine) });
		}
		this.#env.changed();
	}

	/** All have as long as at first: it was this device that heard nothing. */
	again(): void {
		for (const [ask, one] of this.#all) {
			one.end();
			this.#all.set(ask, { ...one, stalled: false, end: this.#patience(ask, one.mine) });
			if (!one.mine) this.#env.want(one.claim, one.text.length);
		}
		this.#env.changed();
	}

	/** What this device writes itself. */
	own(ask: string, text: string): void {
		const one = this.#all.get(ask);
		if (!one) return;
		this.#place(ask, one, text);
	}

	/** Takes a piece (G3, G4). */
	hear(device: string, { claim, offset, text }: Extract<Signal, { t: 'draft' }>): void {
		for (const [ask, one] of this.#all) {
			if (one.claim !== claim || one.device !== device) continue;
			if (offset + text.length > BOUNDS.answer) return;
			const isMissed = offset > one.text.length;
			if (isMissed) this.#want(one);
			// what is said again for somebody else takes nothing away here
			const isKnown = one.text.startsWith(text, offset);
			this.#place(ask, one, isMissed || isKnown ? one.text : one.text.slice(0, offset) + text);
		}
	}

	close(): void {
		for (const { end } of this.#all.values()) end();
		this.#all.clear();
	}

	#place(ask: string, one: Heard, text: string): void {
		one.end();
		this.#all.set(ask, { ...one, text, stalled: false, end: this.#patience(ask, one.mine) });
		if (text !== one.text || one.stalled) this.#env.changed();
	}

	#want(one: Heard): void {
		const now = this.#env.clock.now();
		// a clock that was set back must not silence it
		if (Math.abs(now - one.wanted) < WANT_EVERY) return;
		one.wanted = now;
		this.#env.want(one.claim, one.text.length);
	}

	#patience(ask: string, mine: boolean): () => void {
		if (mine) return () => undefined;
		return this.#env.clock.after(STALLED_AFTER, () => {
			const one = this.#all.get(ask);
			if (!one) return;
			this.#all.set(ask, { ...one, stalled: true });
			this.#env.changed();
			this.#env.stalled();
		});
	}
}
