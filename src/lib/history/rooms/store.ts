import type { Table } from 'dexie';
import type { Store } from '../history.ts';
import { live, type Live } from '../live.ts';
import type { EntryRow, FlightRow, IdentityRow, OutboxRow, RoomJobRow, RoomKeyRow, RoomRow } from './rows.ts';

type Key = [account: string, room: string];

/** The rooms of one account on this device: apart from the private conversations, and from other accounts' rooms. */
export class RoomStore {
	readonly account: string;
	readonly #store: Store;

	constructor(store: Store, account: string) {
		this.#store = store;
		this.account = account;
	}

	now(): number {
		return this.#store.now();
	}

	/** One piece of work, all or nothing. @throws HistoryError */
	change<T>(work: () => Promise<T>): Promise<T> {
		return this.#store.change(work);
	}

	/** A read that is told anew when what it read has changed, in this tab or another. */
	live<T>(read: () => Promise<T>): Live<T> {
		return live(read);
	}

	rooms(): Promise<RoomRow[]> {
		return this.#store.database.rooms.where('account').equals(this.account).toArray();
	}

	room(id: string): Promise<RoomRow | undefined> {
		return this.#store.database.rooms.get(this.#key(id));
	}

	async putRoom(row: RoomRow): Promise<void> {
		await this.#store.database.rooms.put(row);
	}

	/** Changes some fields of a room that is here. @returns whether it is */
	async patch(id: string, change: Partial<Omit<RoomRow, 'id' | 'account'>>): Promise<boolean> {
		const row = await this.room(id);
		if (row) await this.putRoom({ ...row, ...change });
		return row !== undefined;
	}

	/** The secrets of a room, by epoch. */
	async keys(room: string): Promise<RoomKeyRow[]> {
		const all = this.#store.database.roomKeys.where('[account+room+epoch]');
		const rows = await all.between([this.account, room, 0], [this.account, room, Infinity]).toArray();
		return rows.map(({ epoch, secret }) => ({ room, epoch, secret }));
	}

	/** The secrets of all rooms. */
	allKeys(): Promise<RoomKeyRow[]> {
		const all = this.#store.database.roomKeys.where('[account+room+epoch]');
		return all.between([this.account, '', 0], [this.account, '\uffff', Infinity]).toArray();
	}

	/** Keeps secrets that are not known yet. @returns how many */
	async addKeys(rows: readonly RoomKeyRow[]): Promise<number> {
		const { roomKeys } = this.#store.database;
		let added = 0;
		for (const row of rows) {
			if (await roomKeys.get([this.account, row.room, row.epoch])) continue;
			await roomKeys.put({ account: this.account, ...row });
			added++;
		}
		return added;
	}

	identity(): Promise<IdentityRow | undefined> {
		return this.#store.database.roomDevices.get(this.account);
	}

	/** Keeps this browser's device, unless another tab was first. @returns the one that holds */
	setIdentity(row: IdentityRow): Promise<IdentityRow> {
		const { roomDevices } = this.#store.database;
		return this.change(async () => {
			const here = await roomDevices.get(row.account);
			if (!here) await roomDevices.put(row);
			return here ?? row;
		});
	}

	/** The last things of a room, oldest first, at most `limit`. */
	async entries(room: string, limit: number): Promise<EntryRow[]> {
		const rows = await this.#range(this.#store.database.roomEntries, room).reverse().limit(limit).toArray();
		return rows.reverse();
	}

	/** The last things before a place, oldest first, at most `limit`. */
	async entriesBefore(room: string, seq: number, index: number, limit: number): Promise<EntryRow[]> {
		const { roomEntries } = this.#store.database;
		const from = [this.account, room, -Infinity, -Infinity];
		const all = roomEntries.where('[account+room+seq+index]');
		const rows = all.between(from, [this.account, room, seq, index]).reverse().limit(limit);
		return (await rows.toArray()).reverse();
	}

	/** A message by its author and id. */
	entry(room: string, ref: string): Promise<EntryRow | undefined> {
		return this.#store.database.roomEntries.where({ account: this.account, room, ref }).first();
	}

	async putEntry(row: EntryRow): Promise<void> {
		await this.#store.database.roomEntries.put(row);
	}

	/** Everything after a number, at most `limit`. */
	entriesAfter(room: string, seq: number, limit: number): Promise<EntryRow[]> {
		const { roomEntries } = this.#store.database;
		const from = [this.account, room, seq + 1, -Infinity];
		const to = [this.account, room, Infinity, Infinity];
		return roomEntries.where('[account+room+seq+index]').between(from, to).limit(limit).toArray();
	}

	async clearEntries(room: string): Promise<void> {
		await this.#range(this.#store.database.roomEntries, room).delete();
	}

	/** What waits in a room, in its order. */
	outbox(room: string): Promise<OutboxRow[]> {
		return this.#waitingIn(room).toArray();
	}

	/** The rooms in which something waits, and how much. */
	async waiting(): Promise<Map<string, number>> {
		const { roomOutbox } = this.#store.database;
		const all = roomOutbox.where('[account+room+n]');
		const rows = await all.between([this.account, '', 0], [this.account, '\uffff', Infinity]).toArray();
		const counts = new Map<string, number>();
		for (const { room } of rows) counts.set(room, (counts.get(room) ?? 0) + 1);
		return counts;
	}

	/** Puts something behind all that waits in a room. Within `change`, like all that writes. */
	async addToOutbox(room: string, op: unknown): Promise<void> {
		const { roomOutbox } = this.#store.database;
		const last = await this.#waitingIn(room).last();
		await roomOutbox.add({ account: this.account, room, n: (last?.n ?? 0) + 1, at: this.now(), op });
	}

	async removeFromOutbox(room: string, ns: readonly number[]): Promise<void> {
		const keys = ns.map((n): [string, string, number] => [this.account, room, n]);
		await this.#store.database.roomOutbox.bulkDelete(keys);
	}

	flight(room: string): Promise<FlightRow | undefined> {
		return this.#store.database.roomFlights.get(this.#key(room));
	}

	async putFlight(row: FlightRow): Promise<void> {
		await this.#store.database.roomFlights.put(row);
	}

	async endFlight(room: string): Promise<void> {
		await this.#store.database.roomFlights.delete(this.#key(room));
	}

	/** The answers that this device writes for the account's rooms. */
	jobs(): Promise<RoomJobRow[]> {
		return this.#store.database.roomJobs.filter(({ account }) => account === this.account).toArray();
	}

	async putJob(row: RoomJobRow): Promise<void> {
		await this.#store.database.roomJobs.put(row);
	}

	async removeJob(id: string): Promise<void> {
		await this.#store.database.roomJobs.delete(id);
	}

	/** Erases a room from this device, with its keys and what was not sent. @throws HistoryError */
	forget(room: string): Promise<void> {
		const { rooms, roomKeys } = this.#store.database;
		return this.change(async () => {
			await this.clearEntries(room);
			await this.endFlight(room);
			await this.#waitingIn(room).delete();
			for (const job of await this.jobs()) if (job.room === room) await this.removeJob(job.id);
			const range = [this.account, room];
			await roomKeys
				.where('[account+room+epoch]')
				.between([...range, 0], [...range, Infinity])
				.delete();
			await rooms.delete(this.#key(room));
		});
	}

	/** Erases all rooms of the account, and its device. @throws HistoryError */
	async forgetAll(): Promise<void> {
		// a backup may have brought keys of rooms that are not here yet
		const keyed = (await this.allKeys()).map(({ room }) => room);
		const rooms = (await this.rooms()).map(({ id }) => id);
		for (const id of new Set([...rooms, ...keyed])) await this.forget(id);
		await this.change(() => this.#store.database.roomDevices.delete(this.account));
	}

	#key(room: string): Key {
		return [this.account, room];
	}

	#waitingIn(room: string) {
		const all = this.#store.database.roomOutbox.where('[account+room+n]');
		return all.between([this.account, room, 0], [this.account, room, Infinity]);
	}

	#range(entries: Table<EntryRow>, room: string) {
		const from = [this.account, room, -Infinity, -Infinity];
		return entries.where('[account+room+seq+index]').between(from, [this.account, room, Infinity, Infinity]);
	}
}
