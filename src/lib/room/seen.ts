import type { RoomStore } from '#lib/history/rooms/store.ts';
import { Fold } from './fold.ts';
import type { Wish } from './outgoing.ts';

/** In a room of more members what was seen is not told: everybody would tell everybody. */
const MOST_WITH_SEEN = 32;

/**
 * Takes a room for read up to a number, and has the others told of it. Within a transaction.
 * @throws HistoryError
 */
export async function markSeen(store: RoomStore, room: string, seq: number): Promise<void> {
	const row = await store.room(room);
	if (!row || seq <= row.read) return;
	const read = { ...row, read: Math.min(seq, row.cursor) };
	await new Fold(store, read).count();
	await store.putRoom(read);
	const isNews = row.unread > 0 && row.members.length <= MOST_WITH_SEEN;
	if (row.ended === null && isNews) await replaceSeen(store, room, read.read);
}

/** What was seen earlier and is not under way need not be told any more. */
async function replaceSeen(store: RoomStore, room: string, seq: number): Promise<void> {
	const flying = (await store.flight(room))?.ns ?? [];
	const waiting = await store.outbox(room);
	const older = waiting.filter(({ n, op }) => !flying.includes(n) && (op as Wish).t === 'seen');
	await store.removeFromOutbox(
		room,
		older.map(({ n }) => n)
	);
	await store.addToOutbox(room, { t: 'seen', seq });
}
