import type { Search } from '#lib/history/search/client.ts';
import type { Found, Hit } from '#lib/history/search/index.ts';
import type { TitleHit } from '#lib/history/search/titles.ts';
import { HistoryError } from '#lib/message/errors.ts';
import type { Conversation } from '#lib/message/message.ts';

/** What was found in one conversation. */
export interface FoundGroup {
	conversation: Conversation;
	/** Where its title matches, in UTF-16 code units; empty where it does not. */
	title: TitleHit['ranges'];
	hits: Hit[];
}

/** What the search shows. */
export type FindingView =
	| { kind: 'idle' }
	| { kind: 'searching' }
	/** What was found, the newest conversation first. */
	| { kind: 'found'; groups: FoundGroup[]; more: boolean }
	| { kind: 'failed'; error: HistoryError };

/** How many messages are found at once, for a first look while one types: at most, it may be content with fewer. */
const GLANCE = 10;

/** How many messages are found then, and how many more at each wish. */
const PAGE = 30;

/** Search over all conversations, as one types. */
export class Finding {
	#view = $state.raw<FindingView>({ kind: 'idle' });
	#query = '';
	#limit = PAGE;
	#asked = 0;
	#updating = false;
	#updates = $state(0);
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

	/** How often the index was brought up to date: whoever looked before may find more now. */
	get updates(): number {
		return this.#updates;
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
		for (const limit of this.#limit === PAGE ? [GLANCE, PAGE] : [this.#limit]) {
			const next = await this.find(this.#query, limit, limit === GLANCE);
			if (turn !== this.#asked) return;
			this.#view = next;
			if (next.kind !== 'found' || !next.more) return;
		}
	}

	/**
	 * Looks once, beside what is shown.
	 * @param limit of messages, and of titles
	 * @param glance to be content with fewer messages, where there are more to ask for
	 */
	async find(query: string, limit: number, glance = false): Promise<FindingView> {
		try {
			const found = await this.#search.find(query, limit, glance);
			return { kind: 'found', groups: byConversation(found), more: found.more };
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
			this.#updates += 1;
			if (this.#query !== '') await this.#find();
		} catch (error) {
			// it is tried again at the next change, and a search says what is wrong
			console.error('The search index could not be brought up to date:', error);
		} finally {
			this.#updating = false;
		}
	}
}

function byConversation({ hits, titles }: Found): FoundGroup[] {
	const groups = new Map(
		titles.map(({ conversation, ranges }) => [
			conversation.id,
			{ conversation, title: ranges, hits: [] as Hit[] }
		])
	);
	for (const hit of hits) {
		const { conversation } = hit;
		const group = groups.get(conversation.id) ?? { conversation, title: [], hits: [] };
		group.hits.push(hit);
		groups.set(conversation.id, group);
	}
	return [...groups.values()].sort((a, b) => b.conversation.updatedAt - a.conversation.updatedAt);
}
