import { HistoryError } from '#lib/message/errors.ts';
import { type Database, SCHEMA_VERSION } from './schema.ts';

/** Dexie multiplies its version numbers by ten before IndexedDB sees them. */
const DEXIE_FACTOR = 10;

/** What went wrong inside IndexedDB, as the app's own error. An error that is one already passes. */
export function historyError(error: unknown): HistoryError {
	if (error instanceof HistoryError) return error;
	const names = namesOf(error);
	const detail = error instanceof Error ? error.message : String(error);
	if (names.includes('QuotaExceededError')) return new HistoryError('full', detail, { cause: error });
	if (
		names.includes('MissingAPIError') ||
		names.includes('OpenFailedError') ||
		names.includes('SecurityError')
	) {
		return new HistoryError('unavailable', detail, { cause: error });
	}
	return new HistoryError('unknown', detail, { cause: error });
}

/** Dexie wraps the browser's error, sometimes twice: the names of all of them. */
function namesOf(error: unknown): string[] {
	const names: string[] = [];
	let inner: unknown = error;
	while (inner instanceof Error && names.length < 5) {
		names.push(inner.name);
		inner = 'inner' in inner ? inner.inner : inner.cause;
	}
	return names;
}

/**
 * Opens the database, refusing one that a later version of the app has written: Dexie would open it,
 * and this version could then damage what it does not know.
 * @throws HistoryError unavailable, newer, full, upgrade
 */
export async function openDatabase(database: Database): Promise<void> {
	let there = 0;
	try {
		const listed = await globalThis.indexedDB?.databases?.();
		there = listed?.find(({ name }) => name === database.name)?.version ?? 0;
		refuseNewer(there);
		await database.open();
		refuseNewer(database.backendDB().version);
	} catch (error) {
		database.close();
		const told = historyError(error);
		// a migration is one transaction: what it began is undone, and the old data is as it was
		if (told.kind !== 'full' && there > 0 && there < SCHEMA_VERSION * DEXIE_FACTOR)
			throw new HistoryError('upgrade', told.message, { cause: error });
		// browsers name a refused database in many ways: whatever keeps it from opening, there is none
		throw told.kind === 'unknown' ? new HistoryError('unavailable', told.message, { cause: error }) : told;
	}
}

function refuseNewer(version: number): void {
	const known = SCHEMA_VERSION * DEXIE_FACTOR;
	if (version > known)
		throw new HistoryError('newer', `database version ${version}, this app knows ${known}`);
}
