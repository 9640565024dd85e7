import type { Footing, Id } from '#lib/message/message.ts';

/** An answer as whoever takes it finds it. */
export interface Claim {
	/** What is written of it so far. */
	text: string;
	/** How often it was taken before on this footing, since a word of it came last. */
	attempts: number;
	footing: Footing;
	/** Whether another one was writing it, who is gone. */
	orphan: boolean;
}

/** How an answer that is being written was taken. */
interface Taken {
	by: Id;
	attempts: number;
	/** How long its text was then. */
	from?: number;
	footing?: Footing;
}

/**
 * Takes an answer to write it.
 * @param before how it was taken last, if it was
 * @param text what is written of it
 */
export function takeUp(
	before: Taken | undefined,
	text: string,
	by: Id
): { claim: Claim; taken: Required<Taken> } {
	const { footing = 'chosen', from = 0 } = before ?? {};
	// whoever wrote a word has not tried in vain
	const attempts = before && text.length <= from ? before.attempts : 0;
	const orphan = before !== undefined && before.by !== by;
	return {
		claim: { text, attempts, footing, orphan },
		taken: { by, attempts: attempts + 1, from: text.length, footing }
	};
}

/** How an answer is taken that goes on with something: on another footing the tries begin anew. */
export function standOn<T extends Taken>(taken: T, then: Footing): T {
	return { ...taken, attempts: taken.footing === then ? taken.attempts : 0, footing: then };
}
