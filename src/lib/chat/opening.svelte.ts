import type { History } from '#lib/history/history.ts';
import { HistoryError } from '#lib/message/errors.ts';

/** Whether the history can be used. */
export type OpeningState =
	| { kind: 'opening' }
	| { kind: 'ready' }
	/** `rescue` hands over everything that a database holds which could not be brought into today's form. */
	| { kind: 'failed'; error: HistoryError; rescue: () => Promise<void> }
	/** A newer version of the app, in another tab, has taken the database over. */
	| { kind: 'outdated' };

/** Opens the history once per page and says how that went. */
export class Opening {
	#state = $state.raw<OpeningState>({ kind: 'opening' });
	readonly #history: History;
	readonly #rescue: () => Promise<void>;

	constructor(history: History, rescue: () => Promise<void>) {
		this.#history = history;
		this.#rescue = rescue;
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
			this.#state = { kind: 'failed', error, rescue: this.#rescue };
			return false;
		}
	}
}
