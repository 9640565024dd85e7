import { HistoryError } from '#lib/message/errors.ts';
import type { Id, Summary } from '#lib/message/message.ts';
import type { Store } from './history.ts';

/**
 * Summaries of what came before. One stands in the last message that it tells of: its path leads to one
 * beginning only, so every branch that goes on from there, and every copy, has it too.
 */
export class Summaries {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/** Keeps a summary of a message and all before it, instead of any there was. @throws HistoryError missing, full */
	async write(message: Id, text: string, more: Pick<Summary, 'by' | 'from'> = {}): Promise<Summary> {
		const summary: Summary = { text, at: this.#store.now(), ...more };
		await this.restore(message, summary);
		return summary;
	}

	/** Puts back, to the letter, what `remove` threw away. @throws HistoryError missing, full */
	async restore(message: Id, summary: Summary): Promise<void> {
		const { database, change } = this.#store;
		await change(async () => {
			const row = await database.messages.get(message);
			if (!row) throw new HistoryError('missing', `message ${message}`);
			await database.messages.put({ ...row, summary });
		});
	}

	/** Changes the words of a summary: it is the person's then. @throws HistoryError missing, full */
	async edit(message: Id, text: string): Promise<void> {
		const { database, change, now } = this.#store;
		await change(async () => {
			const row = await database.messages.get(message);
			if (!row?.summary) throw new HistoryError('missing', `summary ${message}`);
			const { from } = row.summary;
			const summary: Summary = { text, at: now(), ...(from === undefined ? {} : { from }) };
			await database.messages.put({ ...row, summary });
		});
	}

	/** Throws a summary away. @returns it, for `restore`. @throws HistoryError missing */
	async remove(message: Id): Promise<Summary> {
		const { database, change } = this.#store;
		return change(async () => {
			const row = await database.messages.get(message);
			if (!row?.summary) throw new HistoryError('missing', `summary ${message}`);
			const { summary, ...rest } = row;
			await database.messages.put(rest);
			return summary;
		});
	}
}
