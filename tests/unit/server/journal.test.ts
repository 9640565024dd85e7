import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBacking } from '../../../src/server/backing.ts';
import { readConfig } from '../../../src/server/config.ts';
import { forgetJournal, openDatabase } from '../../../src/server/database.ts';
import { layOutJournal } from '../../../src/server/journal.ts';
import { createLogger } from '../../../src/server/logger.ts';
import { Metrics } from '../../../src/server/metrics.ts';

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
	await layOutJournal(database, SIZE);
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

test('what is forgotten is in neither file, and a journal that was emptied is laid out again', async () => {
	const { database, sing } = open();
	await layOutJournal(database, SIZE);
	sing('CANARY');
	expect(readFileSync(`${path}-wal`, 'latin1')).toContain('CANARY');
	database.exec('DELETE FROM song');
	await forgetJournal(database);
	expect(readFileSync(`${path}-wal`).equals(Buffer.alloc(sizeOf(path)))).toBe(true);
	expect(readFileSync(path, 'latin1')).not.toContain('CANARY');
	expect(sizeOf(path)).toBeGreaterThanOrEqual(SIZE);
	expect(afterDeath()).toEqual([]);
	sing('new');
	expect(afterDeath()).toEqual(['new']);
});

test('a disk that gets full while the journal is laid out is given back what was taken', async () => {
	const { database, sing } = open();
	sing('before');
	const before = sizeOf(path);
	let writes = 0;
	const fill = ((...args: Parameters<typeof writeSync>) => {
		if (++writes > 2) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
		return writeSync(...args);
	}) as typeof writeSync;
	await expect(layOutJournal(database, SIZE, fill)).rejects.toThrow('no space');
	expect(writes).toBe(3);
	expect(sizeOf(path)).toBe(before);
	sing('after');
	expect(afterDeath()).toEqual(['before', 'after']);
});

test('a server whose journal cannot be laid out says so, and works', async () => {
	const logged: string[] = [];
	const sink = { write: (line: string) => void logged.push(line), close: () => undefined };
	const logger = createLogger(sink, 'warn', Date.now);
	const config = readConfig({ SYNC_DATABASE: path });
	const parts = { logger, metrics: new Metrics(), now: Date.now };
	await (await openBacking(config, parts)).close();
	expect(logged).toEqual([]);
	const other = new DatabaseSync(path);
	other.exec('BEGIN IMMEDIATE');
	const { log, close } = await openBacking(config, parts);
	expect(logged.join()).toContain('journal not laid out');
	other.close();
	const event = { room: 'r', from: 'f', id: 'i', body: 'text' };
	await expect(log.append(event)).resolves.toMatchObject({ seq: 1 });
	await log.close();
	await close();
});
