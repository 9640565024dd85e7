import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DatabaseError, migrate, openDatabase } from '../../src/server/database.ts';
import { layOutJournal } from '../../src/server/journal.ts';
import { SqliteLog } from '../../src/server/log/sqlite.ts';
import { STEPS } from '../../src/server/log/sqlite-steps.ts';
import { roomLogContract } from './room-log-contract.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

const newFolder = () => mkdtemp(join(tmpdir(), 'alcove-log-'));

roomLogContract('SQLite', async () => {
	const folder = await newFolder();
	const databases: DatabaseSync[] = [];
	return {
		open: async () => {
			databases.pop()?.close();
			const database = openDatabase(join(folder, 'rooms.db'));
			databases.push(database);
			await layOutJournal(database, { bytes: 65_536 });
			return new SqliteLog(database, () => 1_700_000_000_000);
		},
		remove: async () => {
			databases.pop()?.close();
			await rm(folder, { recursive: true });
		}
	};
});

describe('SQLite under faults', () => {
	const EVENT = { room: 'r', from: 'f', id: 'i', body: 'text' };
	const cleanUp: (() => unknown)[] = [];
	afterEach(async () => {
		for (const step of cleanUp.splice(0).reverse()) await step();
	});

	async function openLog() {
		const folder = await newFolder();
		cleanUp.push(() => rm(folder, { recursive: true }));
		const path = join(folder, 'rooms.db');
		const database = openDatabase(path);
		cleanUp.push(() => database.close());
		return { folder, path, database, log: new SqliteLog(database, () => 0) };
	}

	test('[S5] a locked file refuses as busy and recovers unaided', async () => {
		const { path, log } = await openLog();
		const other = new DatabaseSync(path);
		cleanUp.push(() => other.close());
		other.exec('BEGIN IMMEDIATE');
		await expect(log.append(EVENT)).rejects.toMatchObject({ name: 'LogError', kind: 'busy' });
		await expect(log.check()).rejects.toMatchObject({ kind: 'busy' });
		other.exec('ROLLBACK');
		await expect(log.append(EVENT)).resolves.toMatchObject({ seq: 1, fresh: true });
	});

	test('[S5] a full disk refuses as full, stores nothing of the turn, and recovers unaided', async () => {
		const { database, log } = await openLog();
		await log.append(EVENT);
		const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
		database.exec(`PRAGMA max_page_count = ${pages}`);
		const small = log.append({ ...EVENT, id: 'small' });
		const large = log.append({ ...EVENT, id: 'large', body: 'x'.repeat(60_000) });
		await expect(small).rejects.toMatchObject({ kind: 'full' });
		await expect(large).rejects.toMatchObject({ kind: 'full' });
		expect(await log.head('r')).toBe(1);
		database.exec('PRAGMA max_page_count = 1000000');
		await expect(log.append({ ...EVENT, id: 'small' })).resolves.toMatchObject({ seq: 2 });
	});

	test('[S5] a file that cannot be written refuses as unavailable', async () => {
		const { database, log } = await openLog();
		database.exec('PRAGMA query_only = ON');
		await expect(log.append(EVENT)).rejects.toMatchObject({ kind: 'unavailable' });
		expect(await log.read('r', 0, { events: 1, chars: 1 })).toEqual([]);
	});

	test('[S7] what was erased is in none of the files', async () => {
		const { folder, log } = await openLog();
		const body = 'CANARY'.repeat(400);
		await log.append({ ...EVENT, body });
		const found = async () => {
			const files = await readdir(folder);
			const contents = await Promise.all(files.map((file) => readFile(join(folder, file))));
			return contents.some((content) => content.includes('CANARY'));
		};
		expect(await found()).toBe(true);
		await log.erase('f');
		expect(await found()).toBe(false);
	});

	test('every commit waits for the disk', async () => {
		const { database } = await openLog();
		expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
		expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
	});

	test('a file of a newer server is refused, not altered', async () => {
		const { database } = await openLog();
		database.exec("UPDATE schema SET version = 99 WHERE part = 'log'");
		expect(() => new SqliteLog(database, () => 0)).toThrow(DatabaseError);
	});

	test('[S1] [S3] a file of the first version keeps its events, numbers and names', async () => {
		const folder = await newFolder();
		cleanUp.push(() => rm(folder, { recursive: true }));
		const database = openDatabase(join(folder, 'rooms.db'));
		cleanUp.push(() => database.close());
		migrate(database, 'log', STEPS.slice(0, 1));
		const insert = database.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)');
		const stored = ['green', 'blue'].flatMap((room) =>
			[1, 2, 3, 4].map((seq) => ({ room, seq, from: `from${seq % 2}`, id: `id${seq}`, at: seq, body: room }))
		);
		for (const { room, seq, from, id, at, body } of stored) insert.run(room, seq, from, id, at, body);
		database.exec("INSERT INTO head VALUES ('green', 4), ('blue', 4), ('gone', -1)");
		const log = new SqliteLog(database, () => 0);
		const WHOLE = { events: 9, chars: 999 };
		for (const name of ['green', 'blue']) {
			const events = stored.flatMap(({ room, ...event }) => (room === name ? [event] : []));
			expect(await log.read(name, 0, WHOLE)).toEqual(events);
			expect(await log.read(name, 2, WHOLE)).toEqual(events.slice(2));
		}
		const again = { room: 'blue', from: 'from1', id: 'id3', body: 'again' };
		expect(await log.append(again)).toEqual({ seq: 3, at: 3, fresh: false });
		expect(await log.append({ ...again, from: 'from0' })).toEqual({ seq: 5, at: 0, fresh: true });
		expect(await log.head('green')).toBe(4);
		await expect(log.append({ ...again, room: 'gone' })).rejects.toMatchObject({ kind: 'closed' });
		expect(database.prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%before'").all()).toEqual([]);
	});
});
