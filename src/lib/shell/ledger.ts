/**
 * The record of every request that the app has made: in a database of its own on this device, bounded, and never
 * sent anywhere. It keeps addresses without what follows a question mark, and no content.
 */

/** What a request was for. */
export type Why =
	/** Files of the app itself. */
	| 'app'
	/** An engine's program. */
	| 'engine'
	| 'model'
	/** The sync server of the rooms, asked once. */
	| 'rooms'
	/** The open connection to it. */
	| 'socket'
	| 'other';

export interface Entry {
	id: number;
	/** Milliseconds since the epoch. */
	at: number;
	method: string;
	/** Without query and fragment. */
	url: string;
	why: Why;
	/** Undefined while it is under way, or where nobody was told; 0 where no answer came. */
	status?: number;
	/** Bytes of the content; undefined where nobody was told. */
	sent?: number;
	received?: number;
}

/** All requests to a host for one purpose, also those that are no longer listed. */
export interface Sum {
	host: string;
	why: Why;
	requests: number;
	sent: number;
	received: number;
}

export type Outcome = Pick<Entry, 'status' | 'sent' | 'received'>;

/** How many requests are listed one by one; of earlier ones the sums are left. */
const KEPT = 1_000;
const DATABASE = 'alcove-ledger';
const REQUESTS = 'requests';
const SUMS = 'sums';
export const LEDGER_CHANNEL = 'alcove:ledger';

export class Ledger {
	readonly #databases: IDBFactory;
	readonly #changed: () => void;
	#opening: Promise<IDBDatabase> | undefined;

	/** @param changed told after each change */
	constructor(databases: IDBFactory, changed: () => void) {
		this.#databases = databases;
		this.#changed = changed;
	}

	/** Notes a request. @returns its id */
	async add(request: Omit<Entry, 'id'>): Promise<number> {
		const entry = { ...request, url: bare(request.url) };
		const id = await this.#write(async (requests, sums) => {
			const key = Number(await done(requests.add(entry)));
			requests.delete(IDBKeyRange.upperBound(key - KEPT));
			await count(sums, entry, { requests: 1, sent: entry.sent ?? 0, received: entry.received ?? 0 });
			return key;
		});
		return id;
	}

	/** Notes how a request ended. */
	async close(id: number, outcome: Outcome): Promise<void> {
		await this.#write(async (requests, sums) => {
			const entry = (await done(requests.get(id))) as Entry | undefined;
			if (!entry) return;
			requests.put({ ...entry, ...outcome });
			const { sent = 0, received = 0 } = outcome;
			await count(sums, entry, { requests: 0, sent, received });
		});
	}

	/** The latest requests, the last one first, and the sums, the greatest first. */
	async read(limit = KEPT): Promise<{ entries: Entry[]; sums: Sum[] }> {
		const database = await this.#open();
		const reading = database.transaction([REQUESTS, SUMS]);
		const [all, sums] = await Promise.all([
			done(reading.objectStore(REQUESTS).getAll() as IDBRequest<Entry[]>),
			done(reading.objectStore(SUMS).getAll() as IDBRequest<Sum[]>)
		]);
		return {
			entries: all.toReversed().slice(0, limit),
			sums: sums.toSorted((a, b) => b.received + b.sent - a.received - a.sent || b.requests - a.requests)
		};
	}

	async clear(): Promise<void> {
		await this.#write(async (requests, sums) => {
			await Promise.all([done(requests.clear()), done(sums.clear())]);
		});
	}

	async #write<T>(work: (requests: IDBObjectStore, sums: IDBObjectStore) => Promise<T>): Promise<T> {
		const database = await this.#open();
		const writing = database.transaction([REQUESTS, SUMS], 'readwrite', { durability: 'relaxed' });
		const written = new Promise<void>((resolve, reject) => {
			writing.oncomplete = () => resolve();
			writing.onabort = () => reject(writing.error ?? new Error('The record could not be written'));
		});
		const result = await work(writing.objectStore(REQUESTS), writing.objectStore(SUMS));
		await written;
		this.#changed();
		return result;
	}

	#open(): Promise<IDBDatabase> {
		this.#opening ??= this.#connect().catch((error: unknown) => {
			this.#opening = undefined;
			throw error;
		});
		return this.#opening;
	}

	async #connect(): Promise<IDBDatabase> {
		const request = this.#databases.open(DATABASE, 1);
		request.onupgradeneeded = () => {
			request.result.createObjectStore(REQUESTS, { keyPath: 'id', autoIncrement: true });
			request.result.createObjectStore(SUMS, { keyPath: ['host', 'why'] });
		};
		const database = await done(request);
		const forget = () => (this.#opening = undefined);
		database.onclose = forget;
		// everything is being erased
		database.onversionchange = () => {
			forget();
			database.close();
		};
		return database;
	}
}

/** An address without what may hold more than where it leads. */
function bare(url: string): string {
	const { origin, pathname, protocol, host } = new URL(url);
	return `${origin === 'null' ? `${protocol}//${host}` : origin}${pathname}`;
}

async function count(
	sums: IDBObjectStore,
	{ url, why }: Pick<Entry, 'url' | 'why'>,
	more: Pick<Sum, 'requests' | 'sent' | 'received'>
): Promise<void> {
	const { host } = new URL(url);
	const before = (await done(sums.get([host, why]))) as Sum | undefined;
	sums.put({
		host,
		why,
		requests: (before?.requests ?? 0) + more.requests,
		sent: (before?.sent ?? 0) + more.sent,
		received: (before?.received ?? 0) + more.received
	});
}

function done<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error ?? new Error('The record could not be read'));
	});
}
