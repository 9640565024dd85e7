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

const STEPS = [
	`CREATE TABLE event (
		room TEXT NOT NULL,
		seq INTEGER NOT NULL,
		sender TEXT NOT NULL,
		id TEXT NOT NULL,
		at INTEGER NOT NULL,
		body TEXT NOT NULL,
		PRIMARY KEY (room, seq)
	) STRICT;
	CREATE UNIQUE INDEX event_once ON event (room, sender, id);
	CREATE TABLE head (room TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;`
];

/** The head of a dropped room. */
const CLOSED = -1;

interface Waiting {
	event: NewEvent;
	resolve(appended: Appended): void;
	reject(error: LogError): void;
}

/**
 * The log in SQLite. All that one turn of the event loop appends is one transaction, so that many
 * events share one wait for the disk.
 */
export class SqliteLog implements RoomLog {
	readonly #database: DatabaseSync;
	readonly #now: () => number;
	readonly #insert: StatementSync;
	readonly #find: StatementSync;
	readonly #page: StatementSync;
	readonly #head: StatementSync;
	readonly #setHead: StatementSync;
	#waiting: Waiting[] = [];

	/** @param database stays the caller's to close, after this log is closed */
	constructor(database: DatabaseSync, now: () => number) {
		this.#database = database;
		this.#now = now;
		migrate(database, 'log', STEPS);
		this.#insert = database.prepare(
			'INSERT INTO event (room, seq, sender, id, at, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (room, sender, id) DO NOTHING'
		);
		this.#find = database.prepare('SELECT seq, at FROM event WHERE room = ? AND sender = ? AND id = ?');
		this.#page = database.prepare(
			'SELECT seq, id, sender, at, body FROM event WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?'
		);
		this.#head = database.prepare('SELECT seq FROM head WHERE room = ?');
		this.#setHead = database.prepare('INSERT OR REPLACE INTO head (room, seq) VALUES (?, ?)');
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
		for (const row of this.#page.iterate(room, after, limit.events)) {
			const event = toEvent(row);
			chars += event.body.length;
			if (events.length > 0 && chars > limit.chars) break;
			events.push(event);
		}
		return events;
	}

	async head(room: WireId): Promise<number> {
		return Math.max(0, this.#headNow(room));
	}

	async heads(rooms: readonly WireId[]): Promise<Map<WireId, number>> {
		return new Map(rooms.map((room) => [room, Math.max(0, this.#headNow(room))]));
	}

	async drop(room: WireId): Promise<void> {
		this.#commit();
		this.#write(() => {
			this.#database.prepare('DELETE FROM event WHERE room = ?').run(room);
			this.#setHead.run(room, CLOSED);
		});
		await forgetJournal(this.#database);
	}

	async erase(from: WireId): Promise<void> {
		this.#commit();
		this.#write(() => {
			const update = this.#database.prepare("UPDATE event SET body = '' WHERE room = ? AND sender = ?");
			for (const row of this.#database.prepare('SELECT room FROM head').all())
				update.run(text(row, 'room'), from);
		});
		await forgetJournal(this.#database);
	}

	async check(): Promise<void> {
		this.#write(() => this.#headNow(''));
	}

	async close(): Promise<void> {
		this.#commit();
	}

	#headNow(room: WireId): number {
		const row = this.#head.get(room);
		return row ? whole(row, 'seq') : 0;
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
		const heads = new Map<WireId, number>();
		const at = this.#now();
		const appended = batch.map(({ event }) => {
			const head = heads.get(event.room) ?? this.#headNow(event.room);
			if (head === CLOSED) return null;
			const seq = head + 1;
			const { changes } = this.#insert.run(event.room, seq, event.from, event.id, at, event.body);
			heads.set(event.room, changes === 0 ? head : seq);
			return changes === 0 ? this.#known(event) : { seq, at, fresh: true };
		});
		for (const [room, seq] of heads) this.#setHead.run(room, seq);
		return appended;
	}

	#known(event: NewEvent): Appended {
		const row = this.#find.get(event.room, event.from, event.id);
		if (!row) throw new LogError('unavailable');
		return { seq: whole(row, 'seq'), at: whole(row, 'at'), fresh: false };
	}

	#write<Result>(work: () => Result): Result {
		try {
			return inTransaction(this.#database, work);
		} catch (error) {
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
