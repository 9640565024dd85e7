import type { History } from '#lib/history/history.ts';
import { historyError } from '#lib/history/open.ts';
import type { HistoryError } from '#lib/message/errors.ts';
import { keptOverflow, type Overflow, parseOverflow } from '#lib/message/setup.ts';

/** What becomes of the oldest turns on this device, where a conversation says nothing else. */
export class OverflowDefault {
	#current = $state.raw<Overflow | undefined>();
	#error = $state.raw<HistoryError | undefined>();
	readonly #history: History;

	constructor(history: History) {
		this.#history = history;
	}

	/** Undefined until it was read. */
	get current(): Overflow | undefined {
		return this.#current;
	}

	/** Why it could not be read or kept, if it could not. */
	get error(): HistoryError | undefined {
		return this.#error;
	}

	/** Follows the choice, in whatever tab it is made. @returns the function that ends it */
	follow(): () => void {
		return this.#history.settings.one('overflow').subscribe(
			(value) => (this.#current = parseOverflow(value)),
			(error) => (this.#error = error)
		);
	}

	async choose(overflow: Overflow): Promise<void> {
		try {
			// without a step between the choice and the writing: the page may be left the next moment
			await this.#history.settings.set('overflow', keptOverflow(overflow));
			this.#error = undefined;
		} catch (error) {
			this.#error = historyError(error);
		}
	}
}
