import type { RoomStore } from '#lib/history/rooms/store.ts';
import { toBase64url } from '#lib/seal/bytes.ts';
import type { RoomSecret } from '#lib/seal/keys.ts';
import type { RoomSnapshot } from './view.ts';

/** What a screen is made from, or that there is nothing. */
export type RoomReading =
	{ kind: 'missing' } | { kind: 'here'; snapshot: RoomSnapshot; secrets: RoomSecret[]; device: string };

/**
 * Reads in one piece what the history has of a room.
 * @param limit how many of its last entries
 * @throws HistoryError
 */
export async function readRoom(store: RoomStore, room: string, limit: number): Promise<RoomReading> {
	const row = await store.room(room);
	if (!row) return { kind: 'missing' };
	const last = await store.entries(room, limit + 1);
	const hasOlder = last.length > limit;
	const entries = hasOlder ? last.slice(1) : last;
	const waiting = await store.outbox(room);
	const secrets = await store.keys(room);
	const here = new Set(entries.map((entry) => ('ref' in entry ? entry.ref : '')));
	const quoted = [];
	for (const entry of entries) {
		if (entry.kind !== 'message' || entry.reply === null || here.has(entry.reply)) continue;
		const found = await store.entry(room, entry.reply);
		if (found) quoted.push(found);
	}
	const identity = await store.identity();
	const device = identity ? toBase64url(identity.id) : '';
	return { kind: 'here', snapshot: { row, entries, hasOlder, quoted, waiting }, secrets, device };
}
