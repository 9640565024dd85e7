import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DatabaseError, migrate, openDatabase } from '../../../src/server/database.ts';

const cleanUp: (() => void)[] = [];
afterEach(() => {
	for (const work of cleanUp.splice(0).reverse()) work();
});

const FIRST = "CREATE TABLE song (title TEXT) STRICT; INSERT INTO song VALUES ('One')";
const SECOND = "ALTER TABLE song ADD COLUMN year INTEGER; UPDATE song SET year = 2026 WHERE title = 'One'";

test('a migration that breaks off leaves what was there, and the next start goes on where it stopped', () => {
	const folder = mkdtempSync(join(tmpdir(), 'alcove-database-'));
	cleanUp.push(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'rooms.db');
	const database = openDatabase(path);
	migrate(database, 'songs', [FIRST]);
	database.exec("INSERT INTO song VALUES ('Two')");
	// the second step has done its work when the third breaks; a step that breaks has done nothing
	expect(() =>
		migrate(database, 'songs', [FIRST, SECOND, 'DELETE FROM song; SELECT * FROM nothing'])
	).toThrow('nothing');
	database.close();
	const again = openDatabase(path);
	cleanUp.push(() => again.close());
	const rows = () => again.prepare('SELECT title, year FROM song ORDER BY title').all();
	expect(rows()).toMatchObject([
		{ title: 'One', year: 2026 },
		{ title: 'Two', year: null }
	]);
	// an older server sees that it must not touch it
	expect(() => migrate(again, 'songs', [FIRST])).toThrow(DatabaseError);
	migrate(again, 'songs', [FIRST, SECOND, "UPDATE song SET year = 2027 WHERE title = 'Two'"]);
	expect(rows()).toMatchObject([{ year: 2026 }, { year: 2027 }]);
});
