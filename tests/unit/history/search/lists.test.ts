import { expect, test } from 'vitest';
import { inAll, packList, unpackList, withNumbers } from '#lib/history/search/lists.ts';

test.each([[[]], [[0]], [[0, 1, 127, 128, 255, 16_384, 2 ** 31, 2 ** 40]], [[5, 133, 16_517]]])(
	'%j comes back',
	(numbers) => {
		expect(unpackList(packList(numbers))).toEqual(numbers);
	}
);

test('a number takes one byte while it is near the one before', () => {
	expect(packList([100, 200, 327])).toHaveLength(3);
	expect(packList([128])).toHaveLength(2);
});

test('numbers are added in order, each once', () => {
	expect(unpackList(withNumbers(packList([3, 7]), [9, 1, 7]))).toEqual([1, 3, 7, 9]);
	expect(unpackList(withNumbers(undefined, [2, 1]))).toEqual([1, 2]);
});

test('what is in all lists comes highest first', () => {
	expect(inAll([new Set([1, 2, 3]), new Set([3, 1])])).toEqual([3, 1]);
	expect(inAll([new Set([1]), new Set()])).toEqual([]);
	expect(inAll([])).toEqual([]);
});
