/** Trying again: how often, and after how long. */
import { DeliveryError } from './errors.ts';

export interface Patience {
	/** Tries in a row that bring no new byte before a host is given up. */
	tries: number;
	/** First pause in milliseconds; it doubles with each try in vain. */
	pause: number;
	/** Longest pause in milliseconds, also where a server asks for more: then it is given up. */
	longestPause: number;
}

/** About a minute for a host that has fallen silent. */
export const PATIENCE: Patience = { tries: 6, pause: 1_000, longestPause: 60_000 };

/** Whether the same host may do better next time. */
export function isPassing(error: DeliveryError): boolean {
	const { failure } = error;
	if (failure.kind === 'http')
		return failure.status === 429 || failure.status === 408 || failure.status >= 500;
	return failure.kind === 'truncated' || failure.kind === 'stalled' || failure.kind === 'unreachable';
}

/** Whether no other host could do better either. */
export function isFinal(error: DeliveryError): boolean {
	return (
		error.kind === 'no-network' ||
		error.kind === 'aborted' ||
		error.kind === 'quota' ||
		error.kind === 'no-storage'
	);
}

/**
 * Milliseconds to wait after a number of tries in vain, or undefined to give up. The jitter keeps the
 * visitors of a host that broke down from coming back all at once.
 * @param random between 0 and 1
 */
export function pauseAfter(
	error: DeliveryError,
	triesInVain: number,
	patience: Patience,
	random: number
): number | undefined {
	if (triesInVain >= patience.tries) return undefined;
	const asked = error.failure.kind === 'http' ? (error.failure.retryAfter ?? 0) : 0;
	if (asked > patience.longestPause) return undefined;
	const backoff = Math.min(patience.longestPause, patience.pause * 2 ** triesInVain);
	return Math.max(asked, backoff * (0.5 + random / 2));
}

/**
 * Resolves after so many milliseconds.
 * @throws DeliveryError aborted
 */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
	const aborted = () => new DeliveryError({ kind: 'aborted' }, { cause: signal.reason });
	if (signal.aborted) return Promise.reject(aborted());
	return new Promise((resolve, reject) => {
		const stop = () => {
			clearTimeout(timer);
			reject(aborted());
		};
		const timer = setTimeout(() => {
			signal.removeEventListener('abort', stop);
			resolve();
		}, milliseconds);
		signal.addEventListener('abort', stop, { once: true });
	});
}
