import { HistoryError } from '#lib/message/errors.ts';
import { ApiError } from './api-error.ts';
import type { RoomProblem } from './words.ts';

/** What failed, as a problem to be told. @throws what is none */
export function problemOf(error: unknown): RoomProblem {
	if (error instanceof ApiError) return { kind: 'api', error };
	if (error instanceof HistoryError) return { kind: 'history', error };
	throw error;
}
