import {
	closeSync,
	constants,
	fstatSync,
	ftruncateSync,
	fsync,
	openSync,
	statfsSync,
	writeSync
} from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Logger } from './logger.ts';

/** Pages of the journal beyond which a commit folds it into the file, should nobody else have done it. */
export const JOURNAL_PAGES = 8_000;

/** What as many pages take, each with its header, and what a commit may go beyond them. */
const JOURNAL_BYTES = 32 * 1_024 * 1_024;

/** As much is written at once: nothing is committed meanwhile. */
const ZEROS = Buffer.alloc(1_024 * 1_024);

/** Milliseconds between two looks: a server that has just started has other things to do. */
const EVERY = 3_000;

const toDisk = promisify(fsync);

/**
 * Has the journal laid out: soon after the start, and again when it was emptied for something to be forgotten.
 * What fails costs time only, is told once, and tried again.
 * @returns what ends it
 */
export function keepJournal(database: DatabaseSync, logger: Logger, every = EVERY): () => Promise<void> {
	const ended = new AbortController();
	const kept = keep(database, logger, every, ended.signal);
	return async () => {
		ended.abort();
		await kept;
	};
}

async function keep(
	database: DatabaseSync,
	logger: Logger,
	every: number,
	signal: AbortSignal
): Promise<void> {
	for (let isWell = true; ;) {
		// called off when it is to end
		await sleep(every, undefined, { signal, ref: false }).catch(() => undefined);
		if (signal.aborted) return;
		try {
			await layOutJournal(database, { signal });
			isWell = true;
		} catch (error) {
			if (isWell) logger.warn('journal not laid out', { error });
			isWell = false;
		}
	}
}

interface Layout {
	bytes?: number;
	/** Ends it early. */
	signal?: AbortSignal;
	write?: typeof writeSync;
}

/**
 * Fills the journal up to its full size with zeros, lest commits have to wait until the file system has found place
 * for them and noted it down: over blocks that are there they wait for the data alone.
 *
 * SQLite reads a journal up to the first frame that does not go on from the one before it, by salt and checksum
 * (sqlite.org/fileformat2.html, "WAL file format"), and a journal that does not begin with its magic number is an
 * empty one: zeros behind the end are no frames.
 * @throws Error when there is no place for more, or little beside it, or somebody else is writing
 */
export async function layOutJournal(
	database: DatabaseSync,
	{ bytes = JOURNAL_BYTES, signal, write = writeSync }: Layout = {}
): Promise<void> {
	// locks are on other files: none is lost when this one is closed
	const file = openSync(`${database.location()}-wal`, constants.O_WRONLY);
	try {
		checkRoom(file, bytes, String(database.location()));
		while (fstatSync(file).size < bytes && !signal?.aborted) {
			whileNobodyWrites(database, () => lengthen(file, bytes, write));
			await toDisk(file);
		}
	} finally {
		closeSync(file);
	}
}

/** A journal that takes all of a small disk leaves no room for the file into which it has to be folded. */
function checkRoom(file: number, bytes: number, path: string): void {
	const missing = bytes - fstatSync(file).size;
	const { bavail, bsize } = statfsSync(path);
	const free = bavail * bsize;
	if (missing > 0 && free < 2 * missing)
		throw new Error(`a journal of ${bytes} bytes is not laid out where only ${free} are free`);
}

/** Writes zeros behind the end of a file, or nothing. */
function lengthen(file: number, bytes: number, write: typeof writeSync): void {
	const { size } = fstatSync(file);
	const end = Math.min(bytes, size + ZEROS.length);
	try {
		for (let at = size; at < end;) at += write(file, ZEROS, 0, end - at, at);
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
