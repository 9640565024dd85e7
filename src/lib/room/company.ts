import type { Clock } from '#lib/link/link.ts';

/** Milliseconds that a word of somebody who writes is good for. */
const TYPING_LASTS = 6_000;

/** Who is in a room at the moment, and who of them writes. None of it is stored. */
export class Company {
	readonly #clock: Clock;
	readonly #changed: () => void;
	#here: string[] = [];
	#presence = 0;
	/** What ends the word of each who writes. */
	readonly #typing = new Map<string, () => void>();

	constructor(clock: Clock, changed: () => void) {
		this.#clock = clock;
		this.#changed = changed;
	}

	/** Accounts that have the room open. */
	get here(): string[] {
		return this.#here;
	}

	/** Accounts that are writing. */
	get typing(): string[] {
		return [...this.#typing.keys()];
	}

	/** A connection is new, or gone: nothing is known of anybody. */
	forget(): void {
		this.#here = [];
		this.#presence = 0;
		this.close();
	}

	/** Takes the list of who is here, the `n`th of its connection. */
	present(n: number, here: string[]): void {
		// a later list replaces an earlier one; a server that started again counts anew (E3)
		if (n <= this.#presence && n !== 1) return;
		this.#presence = n;
		this.#here = here;
		this.#changed();
	}

	/** Somebody writes, or does not any more. */
	types(account: string, on: boolean): void {
		this.#typing.get(account)?.();
		this.#typing.delete(account);
		if (on) {
			const end = this.#clock.after(TYPING_LASTS, () => this.types(account, false));
			this.#typing.set(account, end);
		}
		this.#changed();
	}

	/** Who was writing has written. */
	spoke(accounts: readonly string[]): void {
		for (const account of accounts) if (this.#typing.has(account)) this.types(account, false);
	}

	close(): void {
		for (const end of this.#typing.values()) end();
		this.#typing.clear();
	}
}
