import type { EntryRow, FlightRow, RoomNoticeRow, RoomRow } from '#lib/history/rooms/rows.ts';
import type { RoomStore } from '#lib/history/rooms/store.ts';
import type { WireEvent } from '#lib/wire/frames.ts';
import { AnswerFold } from './fold-answers.ts';
import type { Judged } from './judge.ts';
import { BOUNDS, type MessageRef, type Op, type ReadOp, refOf } from './payload.ts';

/** Most unread messages that are counted. */
export const MOST_UNREAD = 999;

/** How much of the last text the list shows, in UTF-16 units. */
const GLIMPSE = 200;

/** Somebody else's message that was not here before, or what became of the model's answer to the person here. */
export type News =
	| { kind: 'message'; author: string; text: string; mention: boolean }
	| { kind: 'answer'; text: string }
	/** The model could not answer, or the device that answers was told to stop. */
	| { kind: 'unanswered' | 'stopped' };

/**
 * Writes what was judged into a room's conversation, one after the other. Within a transaction: rows, the cursor
 * and the outbox change together or not at all.
 */
export class Fold {
	readonly news: News[] = [];
	readonly #store: RoomStore;
	readonly #row: RoomRow;
	readonly #me: string;
	readonly #answers: AnswerFold;
	#recount = false;

	/** @param row is changed; the caller writes it afterwards */
	constructor(store: RoomStore, row: RoomRow) {
		this.#store = store;
		this.#row = row;
		this.#me = store.account;
		this.#answers = new AnswerFold(store, row, this.news);
	}

	async take(judged: readonly Judged[], flight: FlightRow | undefined): Promise<void> {
		for (const one of judged) {
			await this.#takeOne(one);
			this.#row.cursor = one.event.seq;
			if (flight && one.event.id === flight.id && one.event.from === this.#me) await this.#land(one, flight);
		}
		if (this.#recount) await this.count();
	}

	/** Counts anew what was not seen. */
	async count(): Promise<void> {
		const { id, read } = this.#row;
		const after = await this.#store.entriesAfter(id, read, MOST_UNREAD * 2);
		const unread = after.filter((entry) => entry.kind === 'message' && entry.author !== this.#me);
		this.#row.unread = Math.min(unread.length, MOST_UNREAD);
		this.#row.mention = unread.some((entry) => entry.kind === 'message' && entry.mentions.includes(this.#me));
	}

	/** An envelope of this device has its number: what it said is said (S6). */
	async #land({ event, verdict }: Judged, flight: FlightRow): Promise<void> {
		const { room, ns, body } = flight;
		await this.#store.endFlight(room);
		// under a key that was replaced meanwhile, or not what was sent: it is said again
		const again = verdict.kind === 'stale' || event.body !== body;
		if (!again) await this.#store.removeFromOutbox(room, ns);
	}

	async #takeOne({ event, gap, verdict }: Judged): Promise<void> {
		if (gap > 0) await this.#notice(event, -2, { t: 'gap', count: gap });
		switch (verdict.kind) {
			case 'ops':
				if (verdict.intro) await this.#notice(event, -1, { t: verdict.intro });
				for (const [index, op] of verdict.ops.entries()) await this.#takeOp(event, index, op, verdict);
				return;
			case 'refused':
				return this.#put(event, 0, { kind: 'refused', why: verdict.why });
			case 'unreadable':
			case 'unknown':
			case 'erased':
				return this.#put(event, 0, { kind: verdict.kind });
			case 'stale':
		}
	}

	async #takeOp(
		event: WireEvent,
		index: number,
		op: ReadOp,
		{ turned, device }: { turned: boolean; device: string }
	): Promise<void> {
		const by = { account: event.from, device };
		switch (op.t) {
			case 'message':
				return this.#message(event, index, op);
			case 'edit':
				return this.#edit({ author: event.from, id: op.id }, op.text);
			case 'remove':
				return this.#remove({ author: event.from, id: op.id });
			case 'react':
				return this.#react(event.from, op);
			case 'seen':
				return this.#seen(event, op.seq);
			case 'title':
				return this.#title(event, index, op.title);
			case 'key':
				return turned ? this.#turned(event, index, op.gone) : undefined;
			case 'ask':
				return this.#answers.ask(event, index, op.id);
			case 'claim':
			case 'answer':
			case 'stop':
				return this.#answers.advance(op, by, event.seq);
			case 'offer':
				return this.#answers.offer(op.model, by);
			case 'answers':
				return this.#answers.wish(event.from, op.every);
			case 'unknown':
				return this.#put(event, index, { kind: 'unknown' });
			case 'device':
			case 'past':
		}
	}

	async #message(event: WireEvent, index: number, op: Op & { t: 'message' }): Promise<void> {
		const row = this.#row;
		const ref = refOf({ author: event.from, id: op.id });
		if (await this.#store.entry(row.id, ref)) return;
		const { text, mentions } = op;
		const reply = op.reply && refOf(op.reply);
		await this.#put(event, index, {
			...{ kind: 'message', ref, text, edited: false, reply, mentions, reactions: {} }
		});
		row.last = { ref, author: event.from, text: text.slice(0, GLIMPSE), at: event.at };
		row.activeAt = event.at;
		if (event.from === this.#me || event.seq <= row.read) return;
		const mention = mentions.includes(this.#me);
		row.unread = Math.min(row.unread + 1, MOST_UNREAD);
		row.mention ||= mention;
		this.news.push({ kind: 'message', author: event.from, text, mention });
	}

	async #edit(target: MessageRef, text: string): Promise<void> {
		const ref = refOf(target);
		const entry = await this.#store.entry(this.#row.id, ref);
		if (entry?.kind !== 'message') return;
		await this.#store.putEntry({ ...entry, text, edited: true });
		const { last } = this.#row;
		if (last?.ref === ref) this.#row.last = { ...last, text: text.slice(0, GLIMPSE) };
	}

	async #remove(target: MessageRef): Promise<void> {
		const ref = refOf(target);
		const entry = await this.#store.entry(this.#row.id, ref);
		if (entry?.kind !== 'message') return;
		const { account, room, seq, index, at, author } = entry;
		await this.#store.putEntry({ account, room, seq, index, at, author, kind: 'removed', ref });
		if (this.#row.last?.ref === ref) this.#row.last = null;
		if (seq > this.#row.read) this.#recount = true;
		// nobody waits for what answers it (A6)
		await this.#answers.advance({ t: 'stop', ask: target.id }, { account: author, device: '' }, seq);
	}

	async #turned(event: WireEvent, index: number, gone: string[]): Promise<void> {
		this.#answers.leave(gone);
		await this.#notice(event, index, { t: 'key-changed', gone });
	}

	async #react(from: string, op: Op & { t: 'react' }): Promise<void> {
		const entry = await this.#store.entry(this.#row.id, refOf(op));
		if (entry?.kind !== 'message' && entry?.kind !== 'answer') return;
		const reactions = reacted(entry.reactions, from, op);
		if (reactions) await this.#store.putEntry({ ...entry, reactions });
	}

	async #seen(event: WireEvent, said: number): Promise<void> {
		const { book } = this.#row;
		const seq = Math.min(said, event.seq);
		if (seq <= (book.seen[event.from] ?? 0)) return;
		book.seen[event.from] = seq;
		// by another device of the person here
		if (event.from !== this.#me || seq <= this.#row.read) return;
		this.#row.read = seq;
		this.#recount = true;
	}

	async #title(event: WireEvent, index: number, title: string): Promise<void> {
		if (this.#row.access === 'open') return;
		const isFirst = this.#row.title === null;
		this.#row.title = title;
		if (!isFirst) await this.#notice(event, index, { t: 'renamed', title });
	}

	#notice(event: WireEvent, index: number, notice: RoomNoticeRow): Promise<void> {
		return this.#put(event, index, { kind: 'notice', notice });
	}

	async #put(event: WireEvent, index: number, what: Content<EntryRow>): Promise<void> {
		const { account, id: room } = this.#row;
		const { seq, at, from: author } = event;
		await this.#store.putEntry({ account, room, seq, index, at, author, ...what });
	}
}

type Content<Row> = Row extends unknown
	? Omit<Row, 'account' | 'room' | 'seq' | 'index' | 'at' | 'author'>
	: never;

/** Reactions after one more, or null when nothing changes (O3). */
export function reacted(
	reactions: Readonly<Record<string, string[]>>,
	from: string,
	{ emoji, on }: { emoji: string; on: boolean }
): Record<string, string[]> | null {
	// an emoji may be any text: as a key it must not meet the prototype
	const by = new Map(Object.entries(reactions));
	const before = by.get(emoji) ?? [];
	if (before.includes(from) === on) return null;
	if (on && before.length === 0 && by.size >= BOUNDS.emojis) return null;
	const after = on ? [...before, from] : before.filter((account) => account !== from);
	by.set(emoji, after);
	if (after.length === 0) by.delete(emoji);
	return Object.fromEntries(by);
}
