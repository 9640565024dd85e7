import type { Database } from '../schema.ts';
import { withNumbers } from './lists.ts';
import { termsOf } from './terms.ts';

/** How many messages' numbers one row of a list may hold: few rows to read, and none too long to write again. */
const CHUNK = 32_768;

/** How many rows are written at a time: each is a request of its own, and all that wait take memory. */
const AT_ONCE = 4_096;

/** Which messages have which term, of the messages that are to be listed next. */
export class Listing {
	/** By "term chunk". */
	readonly #lists = new Map<string, number[]>();
	/** The lowest number of each chunk. */
	readonly #lowest = new Map<number, number>();
	/** Chunks of which there may be lists already. */
	readonly #begun = new Set<number>();
	#entries = 0;

	/** Length of all lists together. */
	get entries(): number {
		return this.#entries;
	}

	/** @param known whether the message may be listed already */
	add(number: number, text: string, known: boolean): void {
		const chunk = Math.floor(number / CHUNK);
		this.#lowest.set(chunk, Math.min(number, this.#lowest.get(chunk) ?? number));
		if (known) this.#begun.add(chunk);
		for (const term of termsOf(text)) {
			const key = `${term} ${chunk}`;
			const list = this.#lists.get(key);
			if (list) list.push(number);
			else this.#lists.set(key, [number]);
			this.#entries++;
		}
	}

	/** Adds it to the lists that there are, in one transaction. */
	async write(database: Database): Promise<void> {
		if (this.#lists.size === 0) return;
		const { searchDocs, searchLists } = database;
		await database.transaction('rw', [searchDocs, searchLists], async () => {
			for (const [chunk, lowest] of this.#lowest) {
				const earlier = searchDocs.where(':id').between(chunk * CHUNK, lowest);
				if ((await earlier.count()) > 0) this.#begun.add(chunk);
			}
			const keys = [...this.#lists.keys()];
			for (let at = 0; at < keys.length; at += AT_ONCE) {
				const some = keys.slice(at, at + AT_ONCE);
				const begun = some.filter((key) => this.#begun.has(Number(key.slice(key.lastIndexOf(' ') + 1))));
				const found = await searchLists.bulkGet(begun);
				const before = new Map(begun.map((key, index) => [key, found[index]]));
				const lists = some.map((key) => withNumbers(before.get(key), this.#lists.get(key) ?? []));
				await searchLists.bulkPut(lists, some);
			}
		});
	}
}
