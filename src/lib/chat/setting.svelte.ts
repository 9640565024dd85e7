import type { History } from '#lib/history/history.ts';

/** One of the person's choices, followed as it changes in any tab. */
export class Setting<T> {
	#current = $state.raw<{ kind: 'unread' } | { kind: 'read'; value: T }>({ kind: 'unread' });
	readonly #history: History;
	readonly #key: string;
	readonly #parse: (value: unknown) => T;

	constructor(history: History, key: string, parse: (value: unknown) => T) {
		this.#history = history;
		this.#key = key;
		this.#parse = parse;
	}

	/** What was read, once it was. */
	get current() {
		return this.#current;
	}

	/** Begins to follow the history; call it when that is open. */
	start(): void {
		this.#history.settings.one(this.#key).subscribe(
			(value) => (this.#current = { kind: 'read', value: this.#parse(value) }),
			(error) => console.error(`The setting ${this.#key} cannot be read:`, error)
		);
	}
}
