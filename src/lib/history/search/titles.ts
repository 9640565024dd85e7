import type { Conversation } from '#lib/message/message.ts';
import { live } from '../live.ts';
import type { Database } from '../schema.ts';
import { fold, matchesOf, type Wanted } from './terms.ts';

/** A conversation whose title has everything that was looked for. */
export interface TitleHit {
	conversation: Conversation;
	/** Where, in UTF-16 code units of the title. */
	ranges: [from: number, to: number][];
}

interface Title {
	conversation: Conversation;
	/** As search compares it. */
	folded: string;
}

/**
 * The titles of all conversations, kept in memory from the first question on: there are few of them beside the
 * messages, and a person may change one at any time.
 */
export class Titles {
	readonly #database: Database;
	#all: Promise<Title[]> | undefined;

	constructor(database: Database) {
		this.#database = database;
	}

	/** The conversations whose titles match, the newest first, at most `limit`. */
	async search(wanted: readonly Wanted[], limit: number): Promise<TitleHit[]> {
		const hits: TitleHit[] = [];
		for (const { conversation, folded } of await this.#known()) {
			if (hits.length === limit) break;
			// what cannot match is left before its letters are compared one by one
			if (!wanted.every(({ text }) => folded.includes(text))) continue;
			const ranges = matchesOf(conversation.title, wanted);
			if (ranges) hits.push({ conversation, ranges });
		}
		return hits;
	}

	/** What is there now; from then on every change of it is followed. */
	#known(): Promise<Title[]> {
		if (this.#all) return this.#all;
		const first = Promise.withResolvers<Title[]>();
		this.#all = first.promise;
		const { conversations } = this.#database;
		live(() => conversations.orderBy('updatedAt').reverse().toArray()).subscribe(
			(rows) => {
				const titles = rows.flatMap((conversation) =>
					conversation.deletedAt === null ? [{ conversation, folded: fold(conversation.title).text }] : []
				);
				first.resolve(titles);
				this.#all = Promise.resolve(titles);
			},
			(error) => {
				first.reject(error);
				this.#all = undefined;
			}
		);
		return this.#all;
	}
}
