import { expect, test } from 'vitest';
import { idAt, packIds, unpackIds } from '#lib/history/search/ids.ts';

test('ids come out of their bytes as they went in, whatever they look like', () => {
	const uuid = '019a9f3e-07c2-7bd1-8f00-00ff10203040';
	const ids = [
		uuid,
		'message-1',
		'学习',
		uuid.toUpperCase(),
		'x'.repeat(127),
		'x'.repeat(128),
		'y'.repeat(70_000)
	];
	expect(unpackIds(packIds([...ids, uuid]))).toEqual([...ids, uuid]);
	expect(unpackIds(packIds([]))).toEqual([]);
	expect(ids.map((_, place) => idAt(packIds(ids), place))).toEqual(ids);
	expect(idAt(packIds(ids), ids.length)).toBeUndefined();
});

test('UUIDs take 17 bytes each', () => {
	const ids = Array.from({ length: 64 }, () => crypto.randomUUID());
	expect(packIds(ids).length).toBe(64 * 17);
	expect(unpackIds(packIds(ids))).toEqual(ids);
});
