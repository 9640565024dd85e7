import type { Conversation, Id, Message } from '#lib/message/message.ts';
import type { Change, Database } from '../schema.ts';
import { Listing } from './listing.ts';
import { inAll, unpackList, withNumbers } from './lists.ts';
import { lookups, matchesOf, readQuery } from './terms.ts';
import { type TitleHit, Titles } from './titles.ts';

/** A message in which everything that was looked for is. */
export interface Hit {
	conversation: Conversation;
	message: Message;
	/** Where, in UTF-16 code units of the message's text. */
	ranges: [from: number, to: number][];
}

export interface Found {
	/** The newest first. */
	hits: Hit[];
	/** The conversations whose titles match, the newest first. */
	titles: TitleHit[];
	/** Whether there are more than were asked for. */
	more: boolean;
}

/** How many changes are looked at for one transaction. */
const CHANGES = 32_768;

/** How many messages are read at a time. */
const BATCH = 1_024;

/**
 * How many entries the lists of one transaction have, in all, before it is made: each transaction writes the lists of
 * frequent terms anew, so few large ones are cheaper. They take some 30 MB until then.
 */
const ENTRIES = 2_000_000;

/** How many candidates are read at a time. */
const PAGE = 40;

/**
 * The search index of a history: for each term the numbers of the messages that have it. It only says which
 * messages are worth reading: what is found is always held against the texts themselves.
 */
export class SearchIndex {
	readonly #database: Database;
	readonly #titles: Titles;

	constructor(database: Database) {
		this.#database = database;
		this.#titles = new Titles(database);
	}

	/** Takes in all that changed since it was last called. One caller at a time. */
	async update(): Promise<void> {
		const { changes } = this.#database;
		for (;;) {
			const rows = await changes.orderBy('at').limit(CHANGES).toArray();
			if (rows.length === 0) return;
			if (rows.some(({ message }) => message === null)) await this.#rebuild();
			else await this.#take(rows);
		}
	}

	/** The messages and the titles that match, at most `limit` of each. @param query as it was typed so far */
	async search(query: string, limit: number): Promise<Found> {
		const wanted = readQuery(query);
		if (wanted.length === 0) return { hits: [], titles: [], more: false };
		const titles = await this.#titles.search(wanted, limit);
		const sets = await Promise.all(lookups(wanted).map((lookup) => this.#numbers(lookup)));
		const candidates = inAll(sets);
		const hits: Hit[] = [];
		for (let at = 0; at < candidates.length; at += PAGE) {
			for (const { message, conversation } of await this.#read(candidates.slice(at, at + PAGE))) {
				const ranges = matchesOf(message.text, wanted);
				if (!ranges) continue;
				if (hits.length === limit) return { hits, titles, more: true };
				hits.push({ conversation, message, ranges });
			}
		}
		return { hits, titles, more: false };
	}

	async #numbers({ term, prefix }: { term: string; prefix: boolean }): Promise<Set<number>> {
		const { searchLists } = this.#database;
		const keys = searchLists.where(':id');
		const lists = await (prefix ? keys.startsWith(term) : keys.startsWith(`${term} `)).toArray();
		return new Set(lists.flatMap(unpackList));
	}

	/** What is behind the numbers, in their order, without what is deleted. */
	async #read(numbers: number[]): Promise<{ message: Message; conversation: Conversation }[]> {
		const { conversations, messages, searchDocs } = this.#database;
		const docs = await searchDocs.bulkGet(numbers);
		const found = await messages.bulkGet(docs.flatMap((doc) => doc?.message ?? []));
		const read = found.flatMap((message) => (message && message.deletedAt === undefined ? [message] : []));
		const homes = [...new Set(read.map(({ conversation }) => conversation))];
		const byId = new Map(
			(await conversations.bulkGet(homes)).flatMap((home) => (home ? [[home.id, home]] : []))
		);
		return read.flatMap((message) => {
			const conversation = byId.get(message.conversation);
			return conversation?.deletedAt === null ? [{ message, conversation }] : [];
		});
	}

	/** Lists everything from nothing, the oldest conversation first, so that higher numbers are newer. */
	async #rebuild(): Promise<void> {
		const { changes, conversations, messages, searchDocs, searchLists } = this.#database;
		// what changes from here on is taken in afterwards
		const last = (await changes.orderBy('at').last())?.at ?? 0;
		await Promise.all([searchDocs.clear(), searchLists.clear()]);
		let listing = new Listing();
		let batch: Message[] = [];
		for (const id of await conversations.orderBy('updatedAt').primaryKeys()) {
			batch.push(
				...(await messages.where('[conversation+depth]').between([id, -Infinity], [id, Infinity]).toArray())
			);
			if (batch.length < BATCH) continue;
			await this.#add(batch, listing);
			batch = [];
			if (listing.entries < ENTRIES) continue;
			await listing.write(this.#database);
			listing = new Listing();
		}
		await this.#add(batch, listing);
		await listing.write(this.#database);
		await changes.where('at').belowOrEqual(last).delete();
	}

	/** Takes in the first of the changes, as many as go into one transaction. */
	async #take(rows: Change[]): Promise<void> {
		const { changes, messages, searchDocs, searchLists } = this.#database;
		const listing = new Listing();
		const gone: Id[] = [];
		let taken = 0;
		while (taken < rows.length && listing.entries < ENTRIES) {
			const some = rows.slice(taken, taken + BATCH);
			taken += some.length;
			const ids = [...new Set(some.flatMap(({ message }) => message ?? []))];
			const found = await messages.bulkGet(ids);
			gone.push(...ids.filter((_, index) => found[index] === undefined));
			await this.#add(
				found.flatMap((message) => message ?? []),
				listing
			);
		}
		await this.#database.transaction('rw', [changes, searchDocs, searchLists], async () => {
			await this.#drop(gone);
			await listing.write(this.#database);
			await changes
				.where('at')
				.belowOrEqual(rows[taken - 1]?.at ?? 0)
				.delete();
		});
	}

	/** A message that is listed already keeps its number; words that it lost are found out when it is read. */
	async #add(added: Message[], listing: Listing): Promise<void> {
		const texts = added.filter(({ text }) => text !== '');
		const { numbers, known } = await this.#numberOf(texts.map(({ id }) => id));
		for (const { id, text } of texts) listing.add(numbers.get(id) ?? 0, text, known.has(id));
	}

	/** Numbers them. One that was numbered and not listed, when the page was closed in between, comes again. */
	async #numberOf(ids: Id[]): Promise<{ numbers: Map<Id, number>; known: ReadonlySet<Id> }> {
		const { searchDocs } = this.#database;
		const numbered = await searchDocs.where('message').anyOf(ids).toArray();
		const numbers = new Map(numbered.map(({ doc, message }) => [message, doc ?? 0]));
		const known = new Set(numbers.keys());
		const fresh = ids.filter((id) => !known.has(id));
		const keys = await searchDocs.bulkAdd(
			fresh.map((message) => ({ message })),
			{ allKeys: true }
		);
		for (const [index, id] of fresh.entries()) numbers.set(id, keys[index] ?? 0);
		return { numbers, known };
	}

	/** What was erased leaves no word behind. All lists are read for it, which is rare: once for a day's deletions. */
	async #drop(ids: Id[]): Promise<void> {
		const { searchDocs, searchLists } = this.#database;
		const docs = await searchDocs.where('message').anyOf(ids).primaryKeys();
		if (docs.length === 0) return;
		const gone = new Set(docs);
		await searchDocs.bulkDelete(docs);
		await searchLists.toCollection().modify((bytes, row: { value?: Uint8Array }) => {
			const numbers = unpackList(bytes);
			const left = numbers.filter((number) => !gone.has(number));
			if (left.length === 0) delete row.value;
			else if (left.length < numbers.length) row.value = withNumbers(undefined, left);
		});
	}
}
