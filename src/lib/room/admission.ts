import type { RoomKeyRow } from '#lib/history/rooms/rows.ts';
import type { RoomStore } from '#lib/history/rooms/store.ts';
import type { RoomSecret } from '#lib/seal/keys.ts';
import { ApiError, type ApiRoom, type RoomApi } from './api-error.ts';
import { blanked, newRow } from './rows.ts';

/** Joins at the server; whoever is a member already is let through. @throws ApiError */
export async function enter(api: RoomApi, room: string, invite: string | null): Promise<ApiRoom> {
	try {
		return await api.join(room, invite);
	} catch (error) {
		if (!(error instanceof ApiError) || error.kind !== 'already-member') throw error;
		const mine = (await api.rooms()).find(({ id }) => id === room);
		if (!mine) throw error;
		return mine;
	}
}

/** Takes a room in, with its key. @throws HistoryError */
export function admit(store: RoomStore, room: ApiRoom, secret: RoomSecret): Promise<void> {
	return store.change(async () => {
		const here = await store.room(room.id);
		await store.putRoom(here ? { ...here, role: room.role, ended: null } : newRow(store.account, room));
		await giveKeys(store, [{ room: room.id, ...secret }]);
	});
}

/** Gives rooms their keys. @returns how many lacked one. @throws HistoryError */
export function giveAllKeys(store: RoomStore, keys: readonly RoomKeyRow[]): Promise<number> {
	return store.change(async () => {
		let rooms = 0;
		for (const room of new Set(keys.map((key) => key.room))) {
			const own = keys.filter((key) => key.room === room);
			if (await giveKeys(store, own)) rooms++;
		}
		return rooms;
	});
}

/** Within a transaction, keys of one room. What could not be read is read anew. @returns whether one was lacking */
async function giveKeys(store: RoomStore, keys: readonly RoomKeyRow[]): Promise<boolean> {
	if ((await store.addKeys(keys)) === 0) return false;
	const row = await store.room(keys[0]?.room ?? '');
	if (row && row.cursor > 0) {
		await store.clearEntries(row.id);
		await store.putRoom(blanked(row));
	}
	return true;
}
