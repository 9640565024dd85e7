import { closeSync, constants, fstatSync, ftruncateSync, fsync, openSync, writeSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';

/** Pages of the journal beyond which a commit folds it into the file, should nobody else have done it. */
export const JOURNAL_PAGES = 8_000;

/** What as many pages take, each with its header, and what a commit may go beyond them. */
const JOURNAL_BYTES = 32 * 1_024 * 1_024;

/** As many as are written at once. */
const ZEROS = Buffer.alloc(256 * 1_024);

const toDisk = promisify(fsync);

/**
 * Fills the journal up to its full size with zeros, lest commits have to wait until the file system has found place
 * for them and noted it down: to write over what is there takes the disk a tenth of the time.
 *
 * SQLite reads a journal up to the first frame that does not go on from the one before it, by salt and checksum
 * (sqlite.org/fileformat2.html, "WAL file format"), and a journal that does not begin with its magic number is an
 * empty one: zeros behind the end are no frames.
 * @throws Error when there is no place for it, or somebody else is writing: the journal is then what it was
 */
export async function layOutJournal(
	database: DatabaseSync,
	bytes = JOURNAL_BYTES,
	write: typeof writeSync = writeSync
): Promise<void> {
	// locks are on other files: none is lost when this one is closed
	const file = openSync(`${database.location()}-wal`, constants.O_WRONLY);
	try {
		whileNobodyWrites(database, () => fill(file, bytes, write));
		await toDisk(file);
	} finally {
		closeSync(file);
	}
}

/** Writes zeros from the end of a file up to a size, or nothing. */
function fill(file: number, bytes: number, write: typeof writeSync): void {
	const { size } = fstatSync(file);
	try {
		for (let at = size; at < bytes;) at += write(file, ZEROS, 0, Math.min(ZEROS.length, bytes - at), at);
	} catch (error) {
		// on a full disk nobody is to lack what was taken in vain
		ftruncateSync(file, size);
		throw error;
	}
}

/** Holds the lock that whoever adds to the journal needs. */
function whileNobodyWrites(database: DatabaseSync, work: () => void): void {
	database.exec('BEGIN IMMEDIATE');
	try {
		work();
	} finally {
		database.exec('ROLLBACK');
	}
}
