import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { WireEvent, WireId } from '#lib/wire/frames.ts';
import {
	forgetJournal,
	inTransaction,
	migrate,
	sqliteCode,
	SQLITE,
	text,
	whole,
	type Row
} from '../database.ts';
import {
	LogError,
	type Appended,
	type LogErrorKind,
	type NewEvent,
	type PageLimit,
	type RoomLog
} from './log.ts';
import { STEPS } from './sqlite-steps.ts';

/** The head of a dropped room. */
const CLOSED = -1;

/** Numbers of rooms and authors that are remembered: those that speak at the moment. */
const REMEMBERED = 10_000;

interface Head {
	/** The room's number. */
	number: number;
	seq: number;
}

/** The head of a room that has no events: no room has its number. */
const NOTHING: Head = { number: 0, seq: 0 };

interface Waiting {
	event: NewEvent;
	resolve(appended: Appended): void;
	reject(error: LogError): void;
}

const SQL = {
	head: 'SELECT number, seq FROM head WHERE room = ?',
	newHead: 'INSERT INTO head (room, seq) VALUES (?, 0) RETURNING number, seq',
	setHead: 'UPDATE head SET seq = ? WHERE number = ?',
	author: 'SELECT number FROM author WHERE account = ? AND room = ?',
	newAuthor: 'INSERT INTO author (account, room) VALUES (?, ?) RETURNING number',
	insert: 'INSERT INTO event VALUES (? << 32 | ?, ?, ?, ?, ?) ON CONFLICT (author, id) DO NOTHING',
	find: 'SELECT place & 0xffffffff AS seq, at FROM event WHERE author = ? AND id = ?',
	page: `SELECT place & 0xffffffff AS seq, id, account AS sender, at, body
		FROM event JOIN author ON author.number = author
		WHERE place > (? << 32 | ?) AND place <= (? << 32 | 0xffffffff) ORDER BY place LIMIT ?`,
	forget: 'DELETE FROM event WHERE place BETWEEN ? << 32 AND (? << 32 | 0xffffffff)',
	forgetAuthors: 'DELETE FROM author WHERE room = ?',
	erase: "UPDATE event SET body = '' WHERE author IN (SELECT number FROM author WHERE account = ?)"
} as const;

/** A room's last number at most: half of a place. */
const LAST = 0xffff_ffff;

/**
 * The log in SQLite. All that one turn of the event loop appends is one transaction, so that many
 * events share one wait for the disk.
 */
export class SqliteLog implements RoomLog {
	readonly #database: DatabaseSync;
	readonly #now: () => number;
	readonly #ask: Record<keyof typeof SQL, StatementSync>;
	/** By account and room. */
	readonly #authors = new Map<string, number>();
	#waiting: Waiting[] = [];
	/** Whether what was to be stored last was. */
	#isWell = true;

	/** @param database stays the caller's to close, after this log is closed */
	constructor(database: DatabaseSync, now: () => number) {
		this.#database = database;
		this.#now = now;
		migrate(database, 'log', STEPS);
		const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
		this.#ask = Object.fromEntries(prepared) as Record<keyof typeof SQL, StatementSync>;
	}

	append(event: NewEvent): Promise<Appended> {
		return new Promise((resolve, reject) => {
			if (this.#waiting.length === 0) setImmediate(() => this.#commit());
			this.#waiting.push({ event, resolve, reject });
		});
	}

	async read(room: WireId, after: number, limit: PageLimit): Promise<WireEvent[]> {
		const events: WireEvent[] = [];
		let chars = 0;
		const { number } = this.#headOf(room);
		for (const row of this.#ask.page.iterate(number, Math.min(after, LAST), number, limit.events)) {
			const event = toEvent(row);
			chars += event.body.length;
			if (events.length > 0 && chars > limit.chars) break;
			events.push(event);
		}
		return events;
	}

	async head(room: WireId): Promise<number> {
		return Math.max(0, this.#headOf(room).seq);
	}

	async heads(rooms: readonly WireId[]): Promise<Map<WireId, number>> {
		return new Map(rooms.map((room) => [room, Math.max(0, this.#headOf(room).seq)]));
	}

	async drop(room: WireId): Promise<void> {
		this.#commit();
		this.#write(() => {
			const { number } = this.#headOf(room, true);
			this.#ask.forget.run(number, number);
			this.#ask.forgetAuthors.run(number);
			this.#ask.setHead.run(CLOSED, number);
		});
		this.#authors.clear();
		await forgetJournal(this.#database);
	}

	async erase(from: WireId): Promise<void> {
		this.#commit();
		this.#write(() => this.#ask.erase.run(from));
		await forgetJournal(this.#database);
	}

	async check(): Promise<void> {
		// where something could not be stored, only storing shows that the disk is well again: this does always write
		this.#write(() => (this.#isWell ? this.#headOf('') : this.#database.exec('PRAGMA user_version = 0')));
	}

	async close(): Promise<void> {
		this.#commit();
	}

	/** @param make gives a number to a room that has none */
	#headOf(room: WireId, make = false): Head {
		const row = this.#ask.head.get(room) ?? (make ? this.#ask.newHead.get(room) : undefined);
		return row ? { number: whole(row, 'number'), seq: whole(row, 'seq') } : NOTHING;
	}

	#authorOf(account: WireId, room: number): number {
		const key = `${account} ${room}`;
		const known = this.#authors.get(key);
		if (known !== undefined) return known;
		const row = this.#ask.author.get(account, room) ?? this.#ask.newAuthor.get(account, room);
		const number = whole(row ?? {}, 'number');
		if (this.#authors.size >= REMEMBERED) this.#authors.clear();
		this.#authors.set(key, number);
		return number;
	}

	#commit(): void {
		const batch = this.#waiting;
		if (batch.length === 0) return;
		this.#waiting = [];
		try {
			const appended = this.#write(() => this.#store(batch));
			for (const [index, result] of appended.entries()) {
				if (result) batch[index]?.resolve(result);
				else batch[index]?.reject(new LogError('closed'));
			}
		} catch (error) {
			const reason = error instanceof LogError ? error : new LogError('unavailable', { cause: error });
			for (const { reject } of batch) reject(reason);
		}
	}

	/** @returns null for an event whose room is closed */
	#store(batch: readonly Waiting[]): (Appended | null)[] {
		const heads = new Map<WireId, Head>();
		const at = this.#now();
		const appended = batch.map(({ event: { room, from, id, body } }) => {
			const head = heads.get(room) ?? this.#headOf(room, true);
			heads.set(room, head);
			if (head.seq === CLOSED) return null;
			const author = this.#authorOf(from, head.number);
			const seq = head.seq + 1;
			const { changes } = this.#ask.insert.run(head.number, seq, author, id, at, body);
			if (changes === 0) return this.#known(author, id);
			head.seq = seq;
			return { seq, at, fresh: true };
		});
		for (const { number, seq } of heads.values()) this.#ask.setHead.run(seq, number);
		return appended;
	}

	#known(author: number, id: WireId): Appended {
		const row = this.#ask.find.get(author, id);
		if (!row) throw new LogError('unavailable');
		return { seq: whole(row, 'seq'), at: whole(row, 'at'), fresh: false };
	}

	#write<Result>(work: () => Result): Result {
		try {
			const result = inTransaction(this.#database, work);
			this.#isWell = true;
			return result;
		} catch (error) {
			this.#isWell = false;
			// authors that were new are undone
			this.#authors.clear();
			throw error instanceof LogError ? error : new LogError(kindOf(error), { cause: error });
		}
	}
}

function toEvent(row: Row): WireEvent {
	return {
		seq: whole(row, 'seq'),
		id: text(row, 'id'),
		from: text(row, 'sender'),
		at: whole(row, 'at'),
		body: text(row, 'body')
	};
}

function kindOf(error: unknown): LogErrorKind {
	const code = sqliteCode(error);
	if (code === SQLITE.full) return 'full';
	return code === SQLITE.busy || code === SQLITE.locked ? 'busy' : 'unavailable';
}
