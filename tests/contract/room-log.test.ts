import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DatabaseError, openDatabase } from '../../src/server/database.ts';
import { SqliteLog } from '../../src/server/log/sqlite.ts';
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
});
