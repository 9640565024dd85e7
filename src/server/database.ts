import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { JOURNAL_PAGES } from './journal.ts';

/** A row as a database gives it; read it with `text` and `whole`. */
export type Row = Record<string, unknown>;

/** A database that the server cannot use as it is. */
export class DatabaseError extends Error {
	override readonly name = 'DatabaseError';
}

/** SQLite's result codes that the server tells apart. */
export const SQLITE = {
	busy: 5,
	locked: 6,
	readOnly: 8,
	inputOutput: 10,
	full: 13,
	cannotOpen: 14,
	constraint: 19
} as const;

/** What SQLite says, with its reason, when there is no room for the index of a journal: SQLITE_IOERR_SHMSIZE. */
const NO_ROOM_FOR_INDEX = SQLITE.inputOutput | (19 << 8);

/** KiB of pages at most that are kept in memory: a commit to many rooms writes more pages than SQLite keeps by itself. */
const CACHE = 16_384;

/**
 * Opens the one file that holds everything, for one process: WAL, and each commit is on disk when it returns.
 * @param path a file, created when absent; its folder must exist
 * @throws DatabaseError
 */
export function openDatabase(path: string, journalPages = JOURNAL_PAGES): DatabaseSync {
	try {
		return openFile(path, journalPages);
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new DatabaseError(`${path} cannot be used: ${why}`, { cause: error });
	}
}

function openFile(path: string, journalPages: number): DatabaseSync {
	const database = new DatabaseSync(path);
	database.exec(`
		PRAGMA journal_mode = WAL;
		PRAGMA synchronous = FULL;
		PRAGMA wal_autocheckpoint = ${journalPages};
		PRAGMA cache_size = -${CACHE};
		PRAGMA busy_timeout = 200;
		PRAGMA foreign_keys = ON;
		PRAGMA secure_delete = ON;
		CREATE TABLE IF NOT EXISTS schema (part TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;
	`);
	return database;
}

/**
 * Brings one part's tables to the newest version, each step in a transaction of its own.
 * @param steps SQL from nothing to now; steps are only ever added at the end
 * @throws DatabaseError when the file was written by a newer server
 */
export function migrate(database: DatabaseSync, part: string, steps: readonly string[]): void {
	const row = database.prepare('SELECT version FROM schema WHERE part = ?').get(part);
	const version = row ? whole(row, 'version') : 0;
	if (version > steps.length) {
		throw new DatabaseError(`"${part}" has version ${version}; this server knows ${steps.length}`);
	}
	for (const [index, step] of steps.entries()) {
		if (index < version) continue;
		inTransaction(database, () => {
			database.exec(step);
			database.prepare('INSERT OR REPLACE INTO schema VALUES (?, ?)').run(part, index + 1);
		});
	}
}

/** Runs `work` in a transaction that is on disk on return, or undone when it throws. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
	database.exec('BEGIN IMMEDIATE');
	try {
		const result = work();
		database.exec('COMMIT');
		return result;
	} catch (error) {
		// a full disk makes SQLite roll back by itself
		if (database.isTransaction) database.exec('ROLLBACK');
		throw error;
	}
}

/** A checkpoint that is under way is waited for: so often, and so many milliseconds each time. */
const FORGET = { tries: 200, wait: 10 } as const;

/**
 * Folds the write-ahead journal into the file and empties it: what was deleted before is then in neither.
 * While another process reads the file for long it may be put off to the next time.
 */
export async function forgetJournal(database: DatabaseSync): Promise<void> {
	for (let tries = 0; tries < FORGET.tries && database.isOpen; tries++) {
		// no timeout of SQLite's own is for two checkpoints at once
		if (database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0) return;
		await sleep(FORGET.wait);
	}
}

/** Statements that are compiled once, not each time they are run: each holds some kilobytes until it is collected. */
export class Statements {
	readonly #database: DatabaseSync;
	readonly #known = new Map<string, StatementSync>();

	constructor(database: DatabaseSync) {
		this.#database = database;
	}

	/** @param sql a constant: what varies are its parameters */
	of(sql: string): StatementSync {
		const known = this.#known.get(sql) ?? this.#database.prepare(sql);
		this.#known.set(sql, known);
		return known;
	}
}

/** SQLite's primary result code of an error, or null when it is not SQLite's; any that means a full disk is `full`. */
export function sqliteCode(error: unknown): number | null {
	if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
	if (error.errcode === NO_ROOM_FOR_INDEX) return SQLITE.full;
	return error.errcode & 0xff;
}

/** PostgreSQL's own word for it, here because one process alone does without its driver. */
export const POSTGRES_DISK_FULL = '53100';

/** Whether a database of either kind had no room for what it should store. */
export function isStorageFull(error: unknown): boolean {
	if (sqliteCode(error) === SQLITE.full) return true;
	return error instanceof Error && 'code' in error && error.code === POSTGRES_DISK_FULL;
}

const FAILING: readonly (number | null)[] = [SQLITE.readOnly, SQLITE.inputOutput, SQLITE.cannotOpen];
/** PostgreSQL's words for the same: io_error, and read_only_sql_transaction (of a server that follows another). */
const POSTGRES_FAILING: readonly unknown[] = ['58030', '25006'];

/** Whether a database of either kind could not be read or written, for reasons that no request has. */
export function isStorageFailing(error: unknown): boolean {
	if (FAILING.includes(sqliteCode(error))) return true;
	return error instanceof Error && 'code' in error && POSTGRES_FAILING.includes(error.code);
}

/** @throws DatabaseError when the column holds no text */
export function text(row: Row, column: string): string {
	const value = row[column];
	if (typeof value !== 'string') throw new DatabaseError(`${column} is no text`);
	return value;
}

/** @throws DatabaseError when the column holds no whole number */
export function whole(row: Row, column: string): number {
	const value = row[column];
	if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
		throw new DatabaseError(`${column} is no whole number`);
	}
	return value;
}
