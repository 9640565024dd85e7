import type { RoomRow } from '#lib/history/rooms/rows.ts';
import type { ApiRoom } from './api-error.ts';
import { NO_ASSISTANCE } from './answers.ts';
import { NO_BOOK } from './judge.ts';

/** What was read by an earlier one is read anew: it did not know all that this one knows. */
export const READER_VERSION = 2;

/** What a room's row says before anything of its log was taken in. Of an open room the server knows the name. */
export function blankLog(title: string | null) {
	const nothing = { cursor: 0, unread: 0, mention: false, last: null, rolledBack: null };
	const [book, assistance] = [structuredClone(NO_BOOK), structuredClone(NO_ASSISTANCE)];
	return { ...nothing, title, book, assistance, version: READER_VERSION };
}

/** A room as if nothing of its log had been taken in; what the person has read stays read. */
export function blanked(row: RoomRow): RoomRow {
	return { ...row, ...blankLog(row.access === 'open' ? row.title : null) };
}

/** A room that was not here yet. */
export function newRow(account: string, { id, access, role, createdAt }: ApiRoom): RoomRow {
	return {
		...{ id, account, access: access.kind, role, createdAt, activeAt: createdAt },
		...{ members: [], read: 0, ended: null },
		...blankLog(access.kind === 'open' ? access.name : null)
	};
}
