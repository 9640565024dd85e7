import type { Id, Message } from '#lib/message/message.ts';
import type { Database } from '../schema.ts';
import { inAll, markPlaces, Marks, packBlocks, type Posting } from './blocks.ts';
import { idAt, packIds, unpackIds } from './ids.ts';
import { termsOf } from './terms.ts';

/** Messages whose ids are in one row. */
const ROW = 64;

/** After every term. */
const END = '\uffff';

/** A stretch of messages with an index of its own, as its row names it. */
export interface Segment {
	id: number;
	/** How many messages. */
	messages: number;
}

/** Terms that a message must have; with `prefix` any that begins so. */
export interface Lookup {
	term: string;
	prefix: boolean;
}

/** A message that has all that was looked up: its place in its segment. */
export interface Candidate {
	segment: number;
	place: number;
}

/** What is to be written of a segment; made outside of a transaction, which would not wait for it. */
export interface Listing {
	ids: Id[];
	blocks: { last: string; bytes: Uint8Array }[];
}

/** Lists messages, the oldest first. */
export function list(messages: readonly Message[]): Listing {
	const lists = new Map<string, number[]>();
	for (const [place, { text }] of messages.entries())
		for (const term of termsOf(text)) {
			const places = lists.get(term);
			if (places) places.push(place);
			else lists.set(term, [place]);
		}
	const sorted: Posting[] = [...lists].sort(([one], [other]) => (one < other ? -1 : 1));
	const blocks = packBlocks(sorted, messages.length);
	return { ids: messages.map(({ id }) => id), blocks: [...blocks] };
}

/** The rows of the segments. To be called in transactions that have the three tables. */
export class Segments {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** All of them, the oldest first. */
	all(): Promise<Segment[]> {
		return this.#database.searchSegments.orderBy(':id').toArray() as Promise<Segment[]>;
	}

	/** @param id of the segment that it takes the place of; a new one is the newest */
	async put({ ids, blocks }: Listing, id?: number): Promise<void> {
		const { searchBlocks, searchIds, searchSegments } = this.#database;
		if (id !== undefined) await this.remove([id]);
		if (ids.length === 0) return;
		const row = { messages: ids.length, ...(id === undefined ? {} : { id }) };
		const segment = await searchSegments.put(row);
		const rows = Array.from({ length: Math.ceil(ids.length / ROW) }, (_, row) => ({
			segment,
			row,
			ids: packIds(ids.slice(row * ROW, (row + 1) * ROW))
		}));
		await searchIds.bulkPut(rows);
		await searchBlocks.bulkPut(blocks.map(({ last, bytes }) => ({ segment, last, bytes })));
	}

	async remove(ids: readonly number[]): Promise<void> {
		const { searchBlocks, searchIds, searchSegments } = this.#database;
		for (const id of ids) {
			await searchBlocks.where('[segment+last]').between([id, ''], [id, END]).delete();
			await searchIds.where('[segment+row]').between([id, 0], [id, Infinity]).delete();
		}
		await searchSegments.bulkDelete([...ids]);
	}

	/** The messages that a segment was made of, the oldest first; some may have been erased since. */
	async messageIds({ id }: Segment): Promise<Id[]> {
		const rows = this.#database.searchIds.where('[segment+row]').between([id, 0], [id, Infinity]);
		return (await rows.toArray()).flatMap(({ ids }) => unpackIds(ids));
	}

	/** The messages of a segment that have everything that is looked up, the newest first. */
	async candidates(segment: Segment, lookups: readonly Lookup[]): Promise<Candidate[]> {
		const sets = await Promise.all(lookups.map((lookup) => this.#marks(segment, lookup)));
		return inAll(sets, segment.messages).map((place) => ({ segment: segment.id, place }));
	}

	/** The ids of the candidates, in their order. */
	async idsOf(candidates: readonly Candidate[]): Promise<Id[]> {
		const keys = new Map(
			candidates.map(({ segment, place }): [string, [number, number]] => {
				const row = Math.floor(place / ROW);
				return [`${segment} ${row}`, [segment, row]];
			})
		);
		const rows = await this.#database.searchIds.bulkGet([...keys.values()]);
		const found = new Map([...keys.keys()].map((key, index) => [key, rows[index]?.ids]));
		return candidates.flatMap(({ segment, place }) => {
			const ids = found.get(`${segment} ${Math.floor(place / ROW)}`);
			return (ids && idAt(ids, place % ROW)) ?? [];
		});
	}

	async #marks({ id, messages }: Segment, lookup: Lookup): Promise<Marks> {
		const marks = new Marks(messages);
		for (const { bytes } of await this.#blocks(id, lookup)) {
			if (marks.full) break;
			markPlaces(bytes, messages, lookup, marks);
		}
		return marks;
	}

	/** The blocks that may have the term, or those that begin with it. */
	async #blocks(segment: number, { term, prefix }: Lookup): Promise<{ bytes: Uint8Array }[]> {
		const blocks = () => this.#database.searchBlocks.where('[segment+last]');
		const from = (first: string) => blocks().between([segment, first], [segment, END]).limit(1).toArray();
		if (!prefix) return from(term);
		const end = term + END;
		const [within, rest] = await Promise.all([
			blocks().between([segment, term], [segment, end]).toArray(),
			from(end)
		]);
		return [...within, ...rest];
	}
}
