import { describe, expect, test } from 'vitest';
import { DeliveryError, type DeliveryFailure } from '#lib/models/errors.ts';
import { isFinal, isPassing, pause, pauseAfter } from '#lib/models/retry.ts';

const patience = { tries: 5, pause: 1000, longestPause: 10_000 };
const url = 'https://x.example/';
const cut = new DeliveryError({ kind: 'truncated', url, expected: 2, got: 1 });
const busy = (retryAfter: number) => new DeliveryError({ kind: 'http', url, status: 429, retryAfter });

describe('the pause before the next try', () => {
	test('doubles, up to the longest', () => {
		const pauses = [0, 1, 2, 3, 4].map((tries) => pauseAfter(cut, tries, patience, 1));
		expect(pauses).toEqual([1000, 2000, 4000, 8000, 10_000]);
	});

	test('is spread over its upper half by chance', () => {
		expect(pauseAfter(cut, 0, patience, 0)).toBe(500);
		expect(pauseAfter(cut, 0, patience, 0.5)).toBe(750);
	});

	test('ends after so many tries in vain', () => {
		expect(pauseAfter(cut, 5, patience, 0)).toBeUndefined();
	});

	test('is at least what the server asks for, unless that is too long', () => {
		expect(pauseAfter(busy(7000), 0, patience, 0)).toBe(7000);
		expect(pauseAfter(busy(10), 0, patience, 1)).toBe(1000);
		expect(pauseAfter(busy(10_001), 0, patience, 0)).toBeUndefined();
	});

	test('ends at an abort, before it or during it', async () => {
		await expect(pause(1e6, AbortSignal.abort())).rejects.toMatchObject({ kind: 'aborted' });
		const stop = new AbortController();
		const waiting = pause(1e6, stop.signal);
		stop.abort();
		await expect(waiting).rejects.toMatchObject({ kind: 'aborted' });
	});
});

test.each<[DeliveryFailure, 'passing' | 'final' | 'of this host']>([
	[{ kind: 'http', url, status: 429 }, 'passing'],
	[{ kind: 'http', url, status: 503 }, 'passing'],
	[{ kind: 'http', url, status: 404 }, 'of this host'],
	[{ kind: 'http', url, status: 403 }, 'of this host'],
	[{ kind: 'truncated', url, expected: 2, got: 1 }, 'passing'],
	[{ kind: 'stalled', url, after: 1 }, 'passing'],
	[{ kind: 'unreachable', url, detail: '' }, 'passing'],
	[{ kind: 'not-what-was-asked', url, expected: '', got: '' }, 'of this host'],
	[{ kind: 'corrupt', url, algorithm: 'md5', expected: '', got: '' }, 'of this host'],
	[{ kind: 'quota', needed: 1, free: 0 }, 'final'],
	[{ kind: 'no-storage', detail: '' }, 'final'],
	[{ kind: 'aborted' }, 'final']
])('%o is %s', (failure, kind) => {
	const error = new DeliveryError(failure);
	expect([isPassing(error), isFinal(error)]).toEqual([kind === 'passing', kind === 'final']);
});
