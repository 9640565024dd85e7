import { EngineError, wordsOf, type EngineErrorKind } from '../errors.ts';

/** The Prompt API's errors by their names. */
const NAMES: Record<string, EngineErrorKind> = {
	QuotaExceededError: 'context-overflow',
	NotAllowedError: 'download',
	NetworkError: 'download',
	InvalidStateError: 'worker-lost',
	AbortError: 'aborted'
};

/** What was thrown, as an EngineError; an EngineError stays what it is. */
export function failureOf(thrown: unknown): EngineError {
	if (thrown instanceof EngineError) return thrown;
	const name = thrown instanceof Error ? thrown.name : '';
	return new EngineError(NAMES[name] ?? 'unknown', `${name} ${wordsOf(thrown)}`.trim(), { cause: thrown });
}
