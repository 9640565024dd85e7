import { liveQuery } from 'dexie';
import type { HistoryError } from '#lib/message/errors.ts';
import { historyError } from './open.ts';

/** A query that tells its result again whenever what it read has changed, in this tab or another. */
export interface Live<T> {
	/** @returns the function that ends the subscription */
	subscribe(onValue: (value: T) => void, onError: (error: HistoryError) => void): () => void;
}

/** Makes a live query of a read; the read may use Dexie's tables only, so that its dependencies are seen. */
export function live<T>(read: () => Promise<T>): Live<T> {
	return {
		subscribe(onValue, onError) {
			// Dexie follows a read past its first await only if the function it is given is itself async
			const subscription = liveQuery(async () => read()).subscribe(onValue, (error: unknown) =>
				onError(historyError(error))
			);
			return () => subscription.unsubscribe();
		}
	};
}
