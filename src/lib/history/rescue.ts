import Dexie from 'dexie';
import { exportAll } from './export.ts';
import { historyError } from './open.ts';
import type { Database } from './schema.ts';

const EXPORTED = ['conversations', 'messages', 'drafts', 'settings'];

/**
 * Reads a database in whatever schema it is, without changing it, as the pieces of an export. What is exported
 * has been in every schema so far; a later one that moves it must teach this to read both.
 * @throws HistoryError
 */
export async function* readAsItIs(name: string): AsyncGenerator<string, void, undefined> {
	// without a declared schema Dexie takes the one that is there
	const found = new Dexie(name, { cache: 'disabled' });
	try {
		await found.open();
		const tables = Object.fromEntries(EXPORTED.map((table) => [table, found.table(table)]));
		const database = Object.assign(found, tables) as unknown as Database;
		yield* exportAll({
			database,
			now: () => 0,
			newId: () => '',
			change: (work) => database.transaction('r', EXPORTED, work)
		});
	} catch (error) {
		throw historyError(error);
	} finally {
		found.close();
	}
}
