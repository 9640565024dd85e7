import type { Footing, Id } from '#lib/message/message.ts';
import { type Claim, standOn, takeUp } from '../claim.ts';
import type { Store } from '../history.ts';
import { live, type Live } from '../live.ts';
import type { Made, RoomJobRow } from './rows.ts';

/** The answers that this device writes for its rooms: taking them, writing them, ending them. */
export class RoomJobs {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/** Those that are not written yet, oldest first. */
	open(): Live<RoomJobRow[]> {
		const { roomJobs } = this.#store.database;
		return live(async () => {
			const rows = await roomJobs.filter(({ state }) => state.kind !== 'ended').toArray();
			return rows.toSorted((one, other) => one.since - other.since);
		});
	}

	/** Takes one to write it. @returns undefined when there is nothing to write any more */
	async claim(id: Id, by: Id): Promise<Claim | undefined> {
		return this.#change(id, (row) => {
			const { state, text } = row;
			if (state.kind === 'ended') return undefined;
			if (row.stop) {
				const made: Made = {
					...{ model: row.model, engine: 'none', settings: null, ending: 'stopped', failure: null }
				};
				return { row: { state: { kind: 'ended', made } } };
			}
			const { claim, taken } = takeUp(state.kind === 'writing' ? state : undefined, text, by);
			return { row: { state: { kind: 'writing', ...taken } }, claim };
		});
	}

	/** Saves the text so far; about once a second is meant. */
	async checkpoint(id: Id, text: string): Promise<void> {
		await this.#change(id, () => ({ row: { text } }));
	}

	/** Saves what there is of one that something befell, and notes what it goes on with. */
	async goOn(id: Id, text: string, then: Footing): Promise<void> {
		await this.#change(id, ({ state }) => {
			if (state.kind !== 'writing') return { row: { text } };
			return { row: { text, state: standOn(state, then) } };
		});
	}

	/** Ends one with its text. One that was taken away meanwhile is nothing. */
	async end(id: Id, made: Made, text: string): Promise<void> {
		await this.#change(id, () => ({ row: { text, state: { kind: 'ended', made } } }));
	}

	#change(
		id: Id,
		work: (row: RoomJobRow) => { row: Partial<RoomJobRow>; claim?: Claim } | undefined
	): Promise<Claim | undefined> {
		const { database, change } = this.#store;
		return change(async () => {
			const row = await database.roomJobs.get(id);
			const done = row && work(row);
			if (!done) return undefined;
			await database.roomJobs.put({ ...row, ...done.row });
			return done.claim;
		});
	}
}
