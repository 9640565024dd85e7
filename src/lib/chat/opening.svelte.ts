import type { History } from '#lib/history/history.ts';
import { HistoryError } from '#lib/message/errors.ts';

/** Whether the history can be used. */
export type OpeningState =
	| { kind: 'opening' }
	| { kind: 'ready' }
	| { kind: 'failed'; error: HistoryError }
	/** A newer version of the app, in another tab, has taken the database over. */
	| { kind: 'outdated' };

/** Opens the history once per page and says how that went. */
export class Opening {
	#state = $state.raw<OpeningState>({ kind: 'opening' });
	readonly #history: History;

	constructor(history: History) {
		this.#history = history;
	}

	get state(): OpeningState {
		return this.#state;
	}

	/** @returns whether the history is open */
	async start(): Promise<boolean> {
		this.#history.onOutdated(() => (this.#state = { kind: 'outdated' }));
		try {
			await this.#history.open();
			this.#state = { kind: 'ready' };
			return true;
		} catch (error) {
			if (!(error instanceof HistoryError)) throw error;
			this.#state = { kind: 'failed', error };
			return false;
		}
	}
}
