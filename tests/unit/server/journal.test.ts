import {
	copyFileSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statfsSync,
	statSync,
	truncateSync,
	writeSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { forgetJournal, openDatabase } from '../../../src/server/database.ts';
import { keepJournal, layOutJournal } from '../../../src/server/journal.ts';
import { createLogger } from '../../../src/server/logger.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });
const PATIENT = { timeout: 25_000 };

const SIZE = 1_024 * 1_024;

let folder: string;
let path: string;
let cleanUp: (() => unknown)[];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'alcove-journal-'));
	path = join(folder, 'rooms.db');
	cleanUp = [() => rmSync(folder, { recursive: true })];
});

afterEach(async () => {
	for (const work of cleanUp.reverse()) await work();
});

const sizeOf = (file: string) => statSync(`${file}-wal`).size;

function open(file = path) {
	const database = openDatabase(file);
	cleanUp.push(() => database.close());
	database.exec('CREATE TABLE IF NOT EXISTS song (title TEXT) STRICT');
	const insert = database.prepare('INSERT INTO song VALUES (?)');
	return { database, sing: (title: string) => void insert.run(title) };
}

/** What a start finds when the process or the machine went down now. @param cut bytes of the journal that are left */
function afterDeath(cut = sizeOf(path)): string[] {
	const copy = join(mkdtempSync(join(folder, 'copy-')), 'rooms.db');
	for (const end of ['', '-wal']) copyFileSync(path + end, copy + end);
	truncateSync(`${copy}-wal`, cut);
	const { database } = open(copy);
	expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
	return database
		.prepare('SELECT title FROM song')
		.all()
		.map(({ title }) => String(title));
}

test('a journal that is laid out takes what is committed without growing, and loses nothing with its process', async () => {
	const { database, sing } = open();
	sing('before');
	await layOutJournal(database, { bytes: SIZE });
	expect(sizeOf(path)).toBe(SIZE);
	expect(afterDeath()).toEqual(['before']);
	const sung = ['before'];
	for (let count = 0; count < 100; count++) {
		sing(String(count));
		sung.push(String(count));
		if (count % 20 === 0) expect(afterDeath()).toEqual(sung);
	}
	expect(sizeOf(path)).toBe(SIZE);
	// begun anew, over frames of the first time and zeros after them
	database.prepare('PRAGMA wal_checkpoint(RESTART)').get();
	sing('again');
	expect(afterDeath()).toEqual([...sung, 'again']);
	// the last commit was torn
	expect(afterDeath(4_000)).toEqual(sung);
	expect(sizeOf(path)).toBe(SIZE);
});

test('a journal that was emptied for something to be forgotten is laid out with nothing in it', async () => {
	const { database, sing } = open();
	await layOutJournal(database, { bytes: SIZE });
	sing('CANARY');
	expect(readFileSync(`${path}-wal`, 'latin1')).toContain('CANARY');
	database.exec('DELETE FROM song');
	await forgetJournal(database);
	await layOutJournal(database, { bytes: SIZE });
	expect(readFileSync(`${path}-wal`).equals(Buffer.alloc(SIZE))).toBe(true);
	expect(readFileSync(path, 'latin1')).not.toContain('CANARY');
	expect(afterDeath()).toEqual([]);
	sing('new');
	expect(afterDeath()).toEqual(['new']);
});

test('a disk that gets full while the journal is laid out is given back what was taken', async () => {
	const { database, sing } = open();
	sing('before');
	const before = sizeOf(path);
	let writes = 0;
	// half of it is written when the place ends
	const fill = ((file: number, bytes: Buffer, offset: number, length: number, at: number) => {
		if (++writes > 1) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
		return writeSync(file, bytes, offset, Math.floor(length / 2), at);
	}) as typeof writeSync;
	await expect(layOutJournal(database, { bytes: SIZE, write: fill })).rejects.toThrow('no space');
	expect(writes).toBe(2);
	expect(sizeOf(path)).toBe(before);
	sing('after');
	expect(afterDeath()).toEqual(['before', 'after']);
});

test('a journal that would take most of what the disk has left is not laid out, and grows by itself', async () => {
	const { database, sing } = open();
	sing('before');
	const before = sizeOf(path);
	const { bavail, bsize } = statfsSync(folder);
	const write: typeof writeSync = () => {
		throw new Error('written');
	};
	const bytes = Math.floor(bavail * bsize * 0.6);
	await expect(layOutJournal(database, { bytes, write })).rejects.toThrow(
		/^a journal of \d+ bytes .* \d+ are free/
	);
	expect(sizeOf(path)).toBe(before);
	sing('after');
	expect(afterDeath()).toEqual(['before', 'after']);
});

test('a journal that cannot be laid out now is told of once, hinders nobody, and is laid out later', async () => {
	const logged: string[] = [];
	const sink = { write: (line: string) => void logged.push(line), close: () => undefined };
	const { database, sing } = open();
	const other = new DatabaseSync(path);
	other.exec('BEGIN IMMEDIATE');
	const before = sizeOf(path);
	const end = keepJournal(database, createLogger(sink, 'warn', Date.now), 1);
	await expect.poll(() => logged.join(), PATIENT).toContain('journal not laid out');
	expect(sizeOf(path)).toBe(before);
	other.exec('ROLLBACK');
	other.close();
	sing('meanwhile');
	await expect.poll(() => sizeOf(path), PATIENT).toBe(32 * SIZE);
	await end();
	expect(logged).toHaveLength(1);
	expect(afterDeath()).toEqual(['meanwhile']);
});
