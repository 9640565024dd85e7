import { describe, expect, test } from 'vitest';
import { isMet, parseBenches } from '../../bench/harness/bench.ts';
import { table } from '../../bench/harness/print.ts';
import { mediansOf, summarize } from '../../bench/harness/samples.ts';

describe('a median', () => {
	test('is the middle of an odd number of samples, and between the middle two of an even one', () => {
		expect(summarize([9, 1, 5, 3, 7]).median).toBe(5);
		expect(summarize([6, 1, 5, 2, 3, 4]).median).toBe(3.5);
	});

	test('comes with its range and the samples as they were taken', () => {
		expect(summarize([3, 1, 2, 5, 4])).toMatchObject({ least: 1, most: 5, all: [3, 1, 2, 5, 4] });
	});

	test('of fewer than five is refused', async () => {
		await expect(mediansOf(4, { only: async () => 1 })).rejects.toThrow(RangeError);
	});

	test('of several measurements is taken by turns, in alternating order', async () => {
		const order: string[] = [];
		const measure = (name: string) => async () => order.push(name);
		const samples = await mediansOf(5, { a: measure('a'), b: measure('b') });
		expect(order.join('')).toBe('abbaabbaab');
		expect(samples.a.all).toEqual([1, 4, 5, 8, 9]);
	});
});

test('a ratio is judged by its limit', () => {
	expect(isMet({ label: 'x', value: 1.3, atMost: 1.3 })).toBe(true);
	expect(isMet({ label: 'x', value: 1.31, atMost: 1.3 })).toBe(false);
	expect(isMet({ label: 'x', value: 50, atLeast: 50 })).toBe(true);
	expect(isMet({ label: 'x', value: 49, atLeast: 50 })).toBe(false);
});

test('the table says what was missed', () => {
	const ratios = [
		{ label: 'good', value: 1, atMost: 2 },
		{ label: 'bad', value: 3, atMost: 2 }
	];
	const lines = table('start', { rows: [{ label: 'time', value: 1234.56, unit: 'ms' }], ratios }).split('\n');
	expect(lines[0]).toBe('start');
	expect(lines[1]).toMatch(/time +1235 ms/);
	expect(lines[2]).toMatch(/good +1× at most 2×: met/);
	expect(lines[3]).toMatch(/bad +3× at most 2×: MISSED/);
});

test.each([{}, { benches: 1 }, { benches: [{ name: 'a b', run() {} }] }, { benches: [{ name: 'a' }] }])(
	'a file that exports %j is no bench',
	(module) => {
		expect(() => parseBenches('x.bench.ts', module)).toThrow('x.bench.ts must export');
	}
);
