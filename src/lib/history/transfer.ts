import { HistoryError } from '#lib/message/errors.ts';
import type { Conversation, Id, Message, Time } from '#lib/message/message.ts';
import { exportAll, exportedFile, exportOne } from './export.ts';
import { type ExportedConversation, type Imported, rowOf, rowsOf } from './formats/exported.ts';
import { ImportError } from './formats/import-error.ts';
import type { Store } from './history.ts';
import { type AuthorNames, toMarkdown } from './markdown.ts';
import { historyError } from './open.ts';

/** What taking a file in comes to, or would come to. */
export interface ImportPlan {
	/** `extended`: here already, without some of the messages of the file. */
	conversations: { added: number; extended: number; here: number };
	messages: { added: number; here: number };
	settings: { added: number; here: number };
}

/** How much there is. */
export interface HistoryCounts {
	conversations: number;
	messages: number;
	/** Shared rooms, of all accounts. They are in no export. */
	rooms: number;
}

/** The way of whole histories out of this device, into it, and off it. */
export class Transfer {
	readonly #store: Store;

	constructor(store: Store) {
		this.#store = store;
	}

	/** Everything, in the format of docs/export.md, piece by piece. @throws HistoryError */
	all(): AsyncGenerator<string, void, undefined> {
		return exportAll(this.#store);
	}

	/** One conversation with all its branches, in the same format. @throws HistoryError missing */
	async one(id: Id): Promise<{ title: string; text: string }> {
		const found = await exportOne(this.#store, id);
		if (!found) throw new HistoryError('missing', `conversation ${id}`);
		return { title: found.title, text: exportedFile(found) };
	}

	/** The path of a conversation that is shown, as Markdown. @throws HistoryError missing */
	async markdown(id: Id, names: AuthorNames): Promise<{ title: string; text: string }> {
		const found = await exportOne(this.#store, id);
		if (!found) throw new HistoryError('missing', `conversation ${id}`);
		const rows = new Map(rowsOf(found).map((message) => [message.id, message]));
		const path = [...ancestry(found, found.leaf)]
			.map((own) => rows.get(own))
			.filter((row) => row !== undefined);
		return { title: found.title, text: toMarkdown(found.title, path.reverse(), names) };
	}

	/** How many conversations, messages and rooms are here, without the deleted ones. @throws HistoryError */
	async counts(): Promise<HistoryCounts> {
		const { database, change } = this.#store;
		return change(async () => {
			const all = await database.conversations.toArray();
			const deleted = all.filter(({ deletedAt }) => deletedAt !== null);
			const gone = await database.messages.where('deletedAt').above(-Infinity).count();
			let messages = (await database.messages.count()) - gone;
			for (const { id } of deleted)
				messages -= await database.messages
					.where('[conversation+depth]')
					.between([id, -Infinity], [id, Infinity])
					.filter(({ deletedAt }) => deletedAt === undefined)
					.count();
			const rooms = await database.rooms.count();
			return { conversations: all.length - deleted.length, messages, rooms };
		});
	}

	/** What `take` would do. @throws HistoryError, ImportError clash */
	compare(imported: Imported): Promise<ImportPlan> {
		return this.#merge(imported, false);
	}

	/**
	 * Takes in what is not here yet, all or nothing. What has the same id is here already, and stays as it is;
	 * what was deleted here, and could still be brought back, is brought back.
	 * @throws HistoryError full, ImportError clash
	 */
	take(imported: Imported): Promise<ImportPlan> {
		return this.#merge(imported, true);
	}

	/** When something was last said in one of the newest conversations, or undefined in an empty history. */
	async lastChange(): Promise<Time | undefined> {
		const { database, change } = this.#store;
		return change(async () => {
			const newest = await database.conversations.orderBy('updatedAt').reverse().limit(20).toArray();
			const leaves = await database.messages.bulkGet(newest.map(({ leaf }) => leaf ?? ''));
			const times = leaves.flatMap((leaf) => {
				if (leaf?.role !== 'assistant') return [];
				return 'at' in leaf.state ? leaf.state.at : leaf.state.since;
			});
			const all = [...newest.map(({ updatedAt }) => updatedAt), ...times];
			return all.length > 0 ? Math.max(...all) : undefined;
		});
	}

	/** Erases every conversation, message, draft, setting, room and key, and what was made of them. @throws HistoryError */
	async erase(): Promise<void> {
		const { database, change } = this.#store;
		// opens the database, which can refuse
		await change(() => database.settings.count());
		try {
			await database.transaction('rw', database.tables, async () => {
				// the changes last: erasing messages is one
				for (const table of database.tables) await table.clear();
				await database.changes.clear();
			});
		} catch (error) {
			throw historyError(error);
		}
	}

	async #merge(imported: Imported, write: boolean): Promise<ImportPlan> {
		const plan: ImportPlan = {
			conversations: { added: 0, extended: 0, here: 0 },
			messages: { added: 0, here: 0 },
			settings: { added: 0, here: 0 }
		};
		try {
			await this.#store.change(async () => {
				for (const conversation of imported.conversations)
					await this.#mergeConversation(conversation, plan, write);
				await this.#mergeSettings(imported, plan, write);
			});
		} catch (error) {
			throw error instanceof HistoryError && error.cause instanceof ImportError ? error.cause : error;
		}
		return plan;
	}

	async #mergeConversation(file: ExportedConversation, plan: ImportPlan, write: boolean): Promise<void> {
		const { database } = this.#store;
		const here = await database.conversations.get(file.id);
		const rows = rowsOf(file);
		const known = new Set<Id>();
		const deleted: Message[] = [];
		for (const found of await database.messages.bulkGet(rows.map(({ id }) => id))) {
			if (!found) continue;
			if (found.conversation !== file.id) throw new ImportError({ kind: 'clash', message: found.id });
			known.add(found.id);
			const { deletedAt, ...back } = found;
			if (deletedAt !== undefined) deleted.push(back);
		}
		const missing = rows.filter(({ id }) => !known.has(id));
		plan.messages.added += missing.length + deleted.length;
		plan.messages.here += known.size - deleted.length;
		const whole = here?.deletedAt === null && missing.length + deleted.length === 0;
		plan.conversations[!here ? 'added' : whole ? 'here' : 'extended'] += 1;
		if (!write || whole) return;
		await database.messages.bulkAdd(missing);
		await database.messages.bulkPut(deleted);
		await database.conversations.put(here ? continued(here, file) : rowOf(file));
	}

	async #mergeSettings(imported: Imported, plan: ImportPlan, write: boolean): Promise<void> {
		const { settings } = this.#store.database;
		for (const { key, value } of imported.settings) {
			const here = (await settings.get(key)) !== undefined;
			plan.settings[here ? 'here' : 'added'] += 1;
			if (write && !here) await settings.add({ key, value });
		}
	}
}

/** A conversation that is here: it shows the file's path where that goes on from the one it shows. */
function continued(here: Conversation, file: ExportedConversation): Conversation {
	const further = here.leaf === null || ancestry(file, file.leaf).has(here.leaf);
	return {
		...here,
		deletedAt: null,
		leaf: further ? file.leaf : here.leaf,
		updatedAt: further ? Math.max(here.updatedAt, file.updatedAt) : here.updatedAt
	};
}

/** A message of the file and all above it, the lowest first. */
function ancestry({ messages }: ExportedConversation, from: Id | null): Set<Id> {
	const parents = new Map(messages.map(({ id, parent }) => [id, parent]));
	const found = new Set<Id>();
	for (let id = from; id !== null; id = parents.get(id) ?? null) found.add(id);
	return found;
}
