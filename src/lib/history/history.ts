import type { Id, Time } from '#lib/message/message.ts';
import type { Branches } from './branches.ts';
import { Conversations } from './conversations.ts';
import type { AnswerJobs } from './jobs.ts';
import { Messages } from './messages.ts';
import { historyError, openDatabase } from './open.ts';
import { Database } from './schema.ts';
import type { RoomJobs } from './rooms/jobs.ts';
import type { RoomStore } from './rooms/store.ts';
import type { Search } from './search/client.ts';
import { Settings } from './settings.ts';
import type { Setups } from './setups.ts';
import type { Summaries } from './summaries.ts';
import type { Trail } from './trail.ts';
import type { Transfer } from './transfer.ts';

const later = () => import('./later.ts');

/** What the history takes from outside, so that tests can hand in their own. */
export interface HistoryEnvironment {
	now(): Time;
	newId(): Id;
}

/** What every part of the history works with. */
export interface Store extends HistoryEnvironment {
	database: Database;
	/**
	 * Runs one piece of work on the tables, all or nothing. @throws HistoryError
	 * @param names the tables it needs: it does not wait for what others do with the rest
	 */
	change<T>(work: () => Promise<T>, names?: string[]): Promise<T>;
}

/**
 * The only truth: conversations, their messages and the answers' states, in IndexedDB.
 * Every method that changes something is one transaction and throws a HistoryError if it could not.
 */
export class History {
	readonly conversations: Conversations;
	readonly messages: Messages;
	readonly settings: Settings;
	readonly name: string;
	readonly #database: Database;
	readonly #store: Store;
	#opened: Promise<void> | undefined;

	constructor(environment: HistoryEnvironment, name = 'alcove') {
		const database = new Database(name);
		this.#database = database;
		this.name = name;
		const store: Store = {
			database,
			now: () => environment.now(),
			newId: () => environment.newId(),
			change: async (work, names) => {
				await this.open();
				try {
					// the search index is not the history: filling it holds nobody up
					const tables = names ?? database.tables.filter(({ name }) => !name.startsWith('search'));
					return await database.transaction('rw', tables, work);
				} catch (error) {
					throw historyError(error);
				}
			}
		};
		this.#store = store;
		this.conversations = new Conversations(store);
		this.messages = new Messages(store);
		this.settings = new Settings(store);
	}

	/** Opens the database; every call gives the first one's result. @throws HistoryError unavailable, newer, full, upgrade */
	open(): Promise<void> {
		this.#opened ??= openDatabase(this.#database);
		return this.#opened;
	}

	/** Answers as jobs; fetched on first use, since a page without answers needs none of it. */
	async jobs(): Promise<AnswerJobs> {
		return new (await later()).AnswerJobs(this.#store);
	}

	/** Answers that are written here for rooms; fetched on first use. */
	async roomJobs(): Promise<RoomJobs> {
		return new (await later()).RoomJobs(this.#store);
	}

	/** Other versions of messages; fetched on first use. */
	async branches(): Promise<Branches> {
		return new (await later()).Branches(this.#store);
	}

	/** The way along paths, for whoever reads in their midst; fetched on first use. */
	async trail(): Promise<Trail> {
		return new (await later()).Trail(this.#store.database);
	}

	/** Export, import and erasing; fetched on first use. */
	async transfer(): Promise<Transfer> {
		const { Transfer: Way } = await import('./transfer.ts');
		return new Way(this.#store);
	}

	/** What answers are made with; fetched on first use. */
	async setups(): Promise<Setups> {
		return new (await later()).Setups(this.#store);
	}

	/** Summaries of what came before; fetched on first use. */
	async summaries(): Promise<Summaries> {
		return new (await later()).Summaries(this.#store);
	}

	/** The shared rooms of an account; fetched on first use. @throws HistoryError */
	async rooms(account: string): Promise<RoomStore> {
		const { RoomStore: Rooms } = await import('./rooms/store.ts');
		await this.open();
		return new Rooms(this.#store, account);
	}

	/** Search over all messages; fetched on first use. @param start starts the search thread */
	async search(start: () => Worker): Promise<Search> {
		const { Search: Client } = await import('./search/client.ts');
		return new Client(this.#store, start);
	}

	/** Tells of a later version of the app, in another tab, that wants the database upgraded: this tab must reload. */
	onOutdated(tell: () => void): void {
		this.#database.on('versionchange', () => {
			this.#database.close();
			tell();
		});
	}

	close(): void {
		this.#database.close();
	}
}
