import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepCheckpoints } from '../../../src/server/checkpoints.ts';
import { forgetJournal, openDatabase } from '../../../src/server/database.ts';
import { createLogger } from '../../../src/server/logger.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });
const PATIENT = { timeout: 25_000 };

let folder: string;
let path: string;
let logged: string[];
const logger = createLogger(
	{ write: (line) => void logged.push(line), close: async () => undefined },
	'warn',
	Date.now
);

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'alcove-checkpoints-'));
	path = join(folder, 'rooms.db');
	logged = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

const journal = () => statSync(`${path}-wal`).size;
const isInFile = (words: string) => readFileSync(path, 'latin1').includes(words);

function songs(journalPages?: number) {
	const database = openDatabase(path, journalPages);
	database.exec('CREATE TABLE song (title TEXT) STRICT');
	const insert = database.prepare('INSERT INTO song VALUES (?)');
	return { database, sing: (title: string) => void insert.run(title) };
}

test('what is committed gets into the file with no commit having to bring it there', async () => {
	const { database, sing } = songs();
	const end = keepCheckpoints(path, logger, 10);
	sing('La mer');
	await expect.poll(() => isInFile('La mer'), PATIENT).toBe(true);
	await end();
	// a journal that is in the file as a whole is begun anew, not added to
	const before = journal();
	sing('Milord');
	expect(journal()).toBe(before);
	expect(isInFile('Milord')).toBe(false);
	database.close();
	expect(logged).toEqual([]);
});

test('with the thread dead, the journal keeps within its bound', async () => {
	const { database, sing } = songs(50);
	await keepCheckpoints(path, logger, 10)();
	for (let count = 0; count < 500; count++) sing(String(count));
	// each commit is a page or more, with its header
	expect(journal()).toBeLessThan(60 * 4_200);
	expect(journal()).toBeGreaterThan(40 * 4_096);
	database.close();
});

test('a thread that cannot work is told of, and holds nobody up', async () => {
	const end = keepCheckpoints(join(folder, 'nowhere', 'rooms.db'), logger);
	await expect.poll(() => logged.join(), PATIENT).toContain('checkpoint thread ended');
	await end();
});

test('what is forgotten waits for whoever reads, and is then in neither file', async () => {
	const { database, sing } = songs();
	const other = openDatabase(path);
	sing('La mer');
	other.exec('BEGIN');
	other.prepare('SELECT * FROM song').all();
	database.exec('DELETE FROM song');
	const forgotten = forgetJournal(database);
	expect(journal()).toBeGreaterThan(0);
	other.exec('COMMIT');
	await forgotten;
	expect(journal()).toBe(0);
	expect(isInFile('La mer')).toBe(false);
	other.close();
	database.close();
});
