import type { Search } from '#lib/history/search/client.ts';
import type { Hit } from '#lib/history/search/index.ts';
import { HistoryError } from '#lib/message/errors.ts';

/** What the search shows. */
export type FindingView =
	| { kind: 'idle' }
	| { kind: 'searching' }
	/** The hits by conversation, the newest conversation first. */
	| { kind: 'found'; groups: Hit[][]; more: boolean }
	| { kind: 'failed'; error: HistoryError };

/** How many messages are found at first, and how many more at each wish. */
const PAGE = 30;

/** Search over all conversations, as one types. */
export class Finding {
	#view = $state.raw<FindingView>({ kind: 'idle' });
	#query = '';
	#limit = PAGE;
	#asked = 0;
	#updating = false;
	readonly #search: Search;

	/** Begins to keep the index up to date. */
	constructor(search: Search) {
		this.#search = search;
		search.behind().subscribe(
			(behind) => {
				if (behind) void this.#update();
			},
			(error) => console.error('Search does not see what changes:', error)
		);
	}

	get view(): FindingView {
		return this.#view;
	}

	/** @param query as it is typed so far; an empty one ends the search */
	look(query: string): void {
		this.#query = query.trim();
		this.#limit = PAGE;
		void this.#find();
	}

	showMore(): void {
		this.#limit += PAGE;
		void this.#find();
	}

	async #find(): Promise<void> {
		const turn = ++this.#asked;
		if (this.#query === '') {
			this.#view = { kind: 'idle' };
			return;
		}
		// what was found for less stays until there is something else to show
		if (this.#view.kind !== 'found') this.#view = { kind: 'searching' };
		const next = await this.#look();
		if (turn === this.#asked) this.#view = next;
	}

	async #look(): Promise<FindingView> {
		try {
			const { hits, more } = await this.#search.find(this.#query, this.#limit);
			return { kind: 'found', groups: byConversation(hits), more };
		} catch (error) {
			if (!(error instanceof HistoryError)) throw error;
			return { kind: 'failed', error };
		}
	}

	async #update(): Promise<void> {
		if (this.#updating) return;
		this.#updating = true;
		try {
			await this.#search.update();
			if (this.#query !== '') await this.#find();
		} catch (error) {
			// it is tried again at the next change, and a search says what is wrong
			console.error('The search index could not be brought up to date:', error);
		} finally {
			this.#updating = false;
		}
	}
}

function byConversation(hits: Hit[]): Hit[][] {
	const groups = [...Map.groupBy(hits, ({ conversation }) => conversation.id).values()];
	const time = (group: Hit[]) => group[0]?.conversation.updatedAt ?? 0;
	return groups.sort((a, b) => time(b) - time(a));
}
