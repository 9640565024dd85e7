import type { Conversation, Id, Message } from '#lib/message/message.ts';
import type { Change, Database } from '../schema.ts';
import { type Candidate, list, type Listing, type Lookup, type Segment, Segments } from './segments.ts';
import { lookups, matchesOf, readQuery, type Wanted } from './terms.ts';
import { type TitleHit, Titles } from './titles.ts';

/** A message in which everything that was looked for is. */
export interface Hit {
	conversation: Conversation;
	message: Message;
	/** Where, in UTF-16 code units of the message's text. */
	ranges: [from: number, to: number][];
}

/** A message that may be deleted with its conversation. */
type Match = Omit<Hit, 'conversation'>;

export interface Found {
	/** The newest first. */
	hits: Hit[];
	/** The conversations whose titles match, the newest first. */
	titles: TitleHit[];
	/** Whether there are more than were asked for; after a glance, whether there may be more. */
	more: boolean;
}

/** Messages of a segment at most: its lists take tens of megabytes while they are made. */
const LARGEST = 32_768;

/**
 * How many times as many messages the segment before may have that is listed anew together with new ones: few segments
 * are searched faster, and each message is listed anew about as often as that many fit into the largest.
 */
const GROWTH = 4;

/** How many messages are looked through first: mostly they have enough. */
const FIRST = 1_024;

/** How many candidates are read at a time. */
const PAGE = 16;

/**
 * How many candidates a glance reads, if it found anything among them: where words are frequent but seldom next to each
 * other, most candidates do not match, and each costs about a tenth of a millisecond.
 */
const ENOUGH = PAGE;

/**
 * The search index of a history, in segments: for each term the messages that have it. It only says which
 * messages are worth reading: what is found is always held against the texts themselves. New messages make a small
 * segment, and small ones next to each other are made one, as in a log-structured merge tree (O'Neil et al., 1996).
 */
export class SearchIndex {
	readonly #database: Database;
	readonly #segments: Segments;
	readonly #titles: Titles;

	constructor(database: Database) {
		this.#database = database;
		this.#segments = new Segments(database);
		this.#titles = new Titles(database);
	}

	/** Takes in all that changed since it was last called. One caller at a time. */
	async update(): Promise<void> {
		const { changes } = this.#database;
		for (;;) {
			const rows = await changes.orderBy('at').limit(LARGEST).toArray();
			if (rows.length === 0) return;
			if (rows.some(({ message }) => message === null)) await this.#rebuild();
			else await this.#take(rows);
		}
	}

	/**
	 * The messages and the titles that match, at most `limit` of each.
	 * @param query as it was typed so far
	 * @param glance to be content with fewer, where the rest is asked for at once: what is found fast
	 */
	async search(query: string, limit: number, glance = false): Promise<Found> {
		const wanted = readQuery(query);
		if (wanted.length === 0) return { hits: [], titles: [], more: false };
		const { conversations, messages, searchBlocks, searchIds, searchSegments } = this.#database;
		const tables = [conversations, messages, searchBlocks, searchIds, searchSegments];
		const [titles, { hits, left }] = await Promise.all([
			this.#titles.search(wanted, limit),
			// in one: segments may be made one at any time
			this.#database.transaction('r', tables, () => this.#hits(wanted, limit + 1, glance))
		]);
		return { hits: hits.slice(0, limit), titles, more: left || hits.length > limit };
	}

	/** @returns `left`: whether a glance may have left candidates unread */
	async #hits(wanted: Wanted[], limit: number, glance: boolean): Promise<{ hits: Hit[]; left: boolean }> {
		const looked = lookups(wanted);
		const newest = (await this.#segments.all()).reverse();
		const hits = new Map<Id, Hit>();
		// one that was written anew is in two segments
		const matches = new Map<Id, Match>();
		let read = 0;
		for (const steps = inSteps(newest); steps.length > 0;) {
			const candidates: Candidate[] = [];
			// fewer than a page are read together with the next
			while (candidates.length < PAGE && steps.length > 0)
				candidates.push(...(await this.#candidates(steps.shift() ?? [], looked)));
			// where few of the first match, more are read at once
			for (let at = 0, page = PAGE; at < candidates.length; at += page, page *= 2) {
				const some = candidates.slice(at, at + page);
				for (const match of await this.#read(some, wanted))
					if (!hits.has(match.message.id)) matches.set(match.message.id, match);
				read += some.length;
				const content = glance && read >= ENOUGH ? 1 : limit;
				if (hits.size + matches.size < content) continue;
				// all at once: to ask after each page would take as long as the page
				for (const hit of await this.#alive([...matches.values()])) hits.set(hit.message.id, hit);
				matches.clear();
				if (hits.size >= content) return { hits: [...hits.values()].slice(0, limit), left: content < limit };
			}
		}
		for (const hit of await this.#alive([...matches.values()])) hits.set(hit.message.id, hit);
		return { hits: [...hits.values()], left: false };
	}

	async #candidates(segments: Segment[], looked: Lookup[]): Promise<Candidate[]> {
		const all = segments.map((segment) => this.#segments.candidates(segment, looked));
		return (await Promise.all(all)).flat();
	}

	/** Those of the candidates that have what is wanted, in their order. */
	async #read(candidates: Candidate[], wanted: Wanted[]): Promise<Match[]> {
		const found = await this.#database.messages.bulkGet(await this.#segments.idsOf(candidates));
		return found.flatMap((message) => {
			if (!message || message.deletedAt !== undefined) return [];
			const ranges = matchesOf(message.text, wanted);
			return ranges ? [{ message, ranges }] : [];
		});
	}

	/** Those whose conversation is not deleted. */
	async #alive(matches: Match[]): Promise<Hit[]> {
		const homes = [...new Set(matches.map(({ message }) => message.conversation))];
		const found = await this.#database.conversations.bulkGet(homes);
		const byId = new Map(found.flatMap((home) => (home ? [[home.id, home]] : [])));
		return matches.flatMap(({ message, ranges }) => {
			const conversation = byId.get(message.conversation);
			return conversation?.deletedAt === null ? [{ conversation, message, ranges }] : [];
		});
	}

	/** Lists everything from nothing, the oldest conversation first, so that later segments are newer. */
	async #rebuild(): Promise<void> {
		const { changes, conversations, messages } = this.#database;
		// what changes from here on is taken in afterwards
		const last = (await changes.orderBy('at').last())?.at ?? 0;
		await this.#write(() => this.#clear());
		let batch: Message[] = [];
		const flush = async () => {
			const listing = list(batch);
			batch = [];
			await this.#write(() => this.#segments.put(listing));
		};
		for (const id of await conversations.orderBy('updatedAt').primaryKeys()) {
			const own = messages.where('[conversation+depth]').between([id, -Infinity], [id, Infinity]);
			for (const message of await own.toArray()) {
				if (message.text !== '') batch.push(message);
				if (batch.length === LARGEST) await flush();
			}
		}
		await flush();
		await changes.where('at').belowOrEqual(last).delete();
	}

	async #clear(): Promise<void> {
		const { searchBlocks, searchIds, searchSegments } = this.#database;
		await Promise.all([searchBlocks.clear(), searchIds.clear(), searchSegments.clear()]);
	}

	/** Takes in these changes: what was erased, and what was written, which is listed with the small segments before. */
	async #take(rows: Change[]): Promise<void> {
		const { changes } = this.#database;
		const changed = new Set(rows.flatMap(({ message }) => message ?? []));
		const written = await this.#texts([...changed]);
		const there = new Set(written.map(({ id }) => id));
		const segments = await this.#segments.all();
		const small = smallBefore(segments, written.length);
		const large = segments.slice(0, segments.length - small.length);
		const replaced = await this.#without(large, new Set([...changed].filter((id) => !there.has(id))));
		const before = await Promise.all(small.map((segment) => this.#segments.messageIds(segment)));
		const known = before.flat().filter((id) => !there.has(id));
		const listing = list([...(await this.#texts(known)), ...written]);
		await this.#write(async () => {
			for (const [id, anew] of replaced) await this.#segments.put(anew, id);
			await this.#segments.remove(small.map(({ id }) => id));
			await this.#segments.put(listing);
			await changes
				.where('at')
				.belowOrEqual(rows.at(-1)?.at ?? 0)
				.delete();
		});
	}

	/**
	 * What was erased leaves no word behind: the segments that have it, listed anew without it. All ids are read for it,
	 * which is rare: once for a day's deletions.
	 */
	async #without(segments: Segment[], gone: ReadonlySet<Id>): Promise<Map<number, Listing>> {
		const replaced = new Map<number, Listing>();
		if (gone.size === 0) return replaced;
		for (const segment of segments) {
			const ids = await this.#segments.messageIds(segment);
			if (ids.some((id) => gone.has(id))) replaced.set(segment.id, list(await this.#texts(ids)));
		}
		return replaced;
	}

	/** The messages of these ids that are there and have a text: in their order, one that comes twice at its last place. */
	async #texts(ids: readonly Id[]): Promise<Message[]> {
		const each = [...new Set(ids.toReversed())].reverse();
		const found = await this.#database.messages.bulkGet(each);
		return found.flatMap((message) => (message && message.text !== '' ? [message] : []));
	}

	#write(work: () => Promise<void>): Promise<void> {
		const { changes, searchBlocks, searchIds, searchSegments } = this.#database;
		return this.#database.transaction('rw', [changes, searchBlocks, searchIds, searchSegments], work);
	}
}

/** The newest few, the one after them, and all others at once. None is empty: a transaction that waits for nothing ends. */
function inSteps(newest: readonly Segment[]): Segment[][] {
	let first = 0;
	for (let messages = 0; first < newest.length && messages < FIRST; first++)
		messages += newest[first]?.messages ?? 0;
	const steps = [newest.slice(0, first), newest.slice(first, first + 1), newest.slice(first + 1)];
	return steps.filter(({ length }) => length > 0);
}

/** The newest segments that are small enough to be listed anew together with so many messages. */
function smallBefore(segments: readonly Segment[], added: number): Segment[] {
	let messages = added;
	let first = segments.length;
	for (const segment of segments.toReversed()) {
		if (segment.messages > GROWTH * messages || segment.messages + messages > LARGEST) break;
		messages += segment.messages;
		first--;
	}
	return segments.slice(first);
}
