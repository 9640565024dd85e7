import type { Store } from './history.ts';
import { live, type Live } from './live.ts';

/** The person's choices on this device, by name. Values are read as `unknown`: the reader parses them. */
export class Settings {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/** A choice, or undefined where none was made. */
	one(key: string): Live<unknown> {
		return live(() => this.get(key));
	}

	async get(key: string): Promise<unknown> {
		return (await this.#store.database.settings.get(key))?.value;
	}

	/** Keeps a choice; undefined forgets it. @throws HistoryError full */
	async set(key: string, value: unknown): Promise<void> {
		const { database, change } = this.#store;
		await change(async () => {
			if (value === undefined) await database.settings.delete(key);
			else await database.settings.put({ key, value });
		}, ['settings']);
	}
}
