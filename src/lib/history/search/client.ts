import { HistoryError } from '#lib/message/errors.ts';
import type { Store } from '../history.ts';
import { live, type Live } from '../live.ts';
import type { Found } from './index.ts';
import type { SearchReply, SearchRequest } from './protocol.ts';

type Ask = SearchRequest extends infer R
	? R extends SearchRequest
		? Omit<R, 'id' | 'database'>
		: never
	: never;

/** The page's side of the search thread, which is started when something is first asked of it. */
export class Search {
	readonly #store: Store;
	readonly #start: () => Worker;
	readonly #waiting = new Map<number, PromiseWithResolvers<SearchReply>>();
	#worker: Worker | undefined;
	#last = 0;

	/** @param start starts `search.worker.ts` */
	constructor(store: Store, start: () => Worker) {
		this.#store = store;
		this.#start = start;
	}

	/** Whether something changed that the index does not know yet. */
	behind(): Live<boolean> {
		const { changes } = this.#store.database;
		return live(async () => (await changes.limit(1).count()) > 0);
	}

	/** Brings the index up to date. @throws HistoryError unknown */
	async update(): Promise<void> {
		await this.#ask({ kind: 'update' });
	}

	/**
	 * The newest messages that have all that is looked for, at most `limit`.
	 * @param glance to be content with fewer, where the rest is asked for at once: what is found fast
	 * @throws HistoryError unknown
	 */
	async find(query: string, limit: number, glance = false): Promise<Found> {
		const reply = await this.#ask({ kind: 'search', query, limit, glance });
		if (reply.kind !== 'found') throw new HistoryError('unknown', `search answered ${reply.kind}`);
		return reply.found;
	}

	/** Ends the thread; what is still asked of it fails. */
	close(): void {
		this.#lose('closed');
	}

	async #ask(request: Ask): Promise<SearchReply> {
		const id = ++this.#last;
		const answer = Promise.withResolvers<SearchReply>();
		this.#waiting.set(id, answer);
		this.#worker ??= this.#listen(this.#start());
		this.#worker.postMessage({ ...request, id, database: this.#store.database.name } satisfies SearchRequest);
		const reply = await answer.promise;
		if (reply.kind === 'failed') throw new HistoryError('unknown', reply.detail);
		return reply;
	}

	#listen(worker: Worker): Worker {
		worker.onmessage = ({ data }: MessageEvent<SearchReply>) => {
			this.#waiting.get(data.id)?.resolve(data);
			this.#waiting.delete(data.id);
		};
		worker.onerror = ({ message }) => this.#lose(message || 'the search thread could not start');
		return worker;
	}

	#lose(detail: string): void {
		this.#worker?.terminate();
		this.#worker = undefined;
		for (const answer of this.#waiting.values()) answer.reject(new HistoryError('unknown', detail));
		this.#waiting.clear();
	}
}
