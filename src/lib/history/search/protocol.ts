import type { Found } from './index.ts';

/** What the page asks of the search thread; each question has a number of its own. */
export type SearchRequest =
	| { kind: 'update'; id: number; database: string }
	| { kind: 'search'; id: number; database: string; query: string; limit: number; glance: boolean };

/** What comes back: the answer to the question of that number. */
export type SearchReply =
	| { kind: 'updated'; id: number }
	| { kind: 'found'; id: number; found: Found }
	| { kind: 'failed'; id: number; detail: string };
