import { beforeEach, describe, expect, test } from 'vitest';
import type { PartName, PartPlace } from '#lib/models/parts/place.ts';
import { clearStores, sha256 } from './delivery-harness.ts';

const KEY = 'https://models.test/someone/a model?of=two/words';
const OTHER = 'https://models.test/someone/a%20model?of=two/words#';
const SIZE = 512 * 1024;

/** What every place for the parts of files promises. `make` gives one that finds what an earlier one was given. */
export function partsContract(name: string, make: () => Promise<PartPlace>): void {
	describe(`the parts in ${name}`, () => {
		beforeEach(clearStores);

		const bytes = (first: number, length: number) => new Uint8Array(length).fill(first);
		/** Adds parts of these lengths one after another, filled with 1, 2, 3 … */
		async function add(
			place: PartPlace,
			key: string,
			tag: string,
			...lengths: number[]
		): Promise<PartName[]> {
			let from = 0;
			const names: PartName[] = [];
			for (const [at, length] of lengths.entries()) {
				const part = { from, bytes: length, tag };
				const { wrong, buffer } = await place.add(key, part, bytes(at + 1, length));
				expect([wrong, buffer.byteLength]).toEqual([undefined, length]);
				names.push(part);
				from += length;
			}
			await place.settle(key);
			return names;
		}
		const total = async (place: PartPlace, key: string) =>
			(await place.list(key)).reduce((sum, part) => sum + part.bytes, 0);
		const text = async (blobs: (Blob | undefined)[]) =>
			new Uint8Array(await new Blob(blobs.map((blob) => blob ?? 'gone')).arrayBuffer()).join('');

		test('are found by another visit, byte for byte, and by their file alone', async () => {
			const names = await add(await make(), KEY, '"v1"', 3, 4, 1);
			await add(await make(), OTHER, '', 2);
			const place = await make();
			expect(await total(place, KEY)).toBe(8);
			expect((await place.list(KEY)).map(({ tag }) => tag)).toContain('"v1"');
			expect(await text(await place.read(KEY, names))).toBe('11122223');
			expect(await text(await place.read(KEY, await place.list(KEY)))).toBe('11122223');
			expect(await total(place, OTHER)).toBe(2);
			expect(await place.list('https://models.test/someone')).toEqual([]);
		});

		test('are gone on from where they ended', async () => {
			await add(await make(), KEY, 'a', 5);
			const place = await make();
			await place.add(KEY, { from: 5, bytes: 2, tag: 'a' }, bytes(9, 2));
			await place.settle(KEY);
			expect(await text(await place.read(KEY, [{ from: 4, bytes: 1, tag: 'a' }].slice(1)))).toBe('');
			expect(await total(place, KEY)).toBe(7);
			expect(await text(await place.read(KEY, await place.list(KEY)))).toBe('1111199');
		});

		test('of two versions of a file are kept apart', async () => {
			const place = await make();
			await add(place, KEY, 'W/"ä-old"', 3);
			await add(place, KEY, 'x'.repeat(300), 2);
			const [old] = (await place.list(KEY)).filter(({ tag }) => tag === 'W/"ä-old"');
			if (!old) throw new Error('no part of the old one');
			expect(await text(await place.read(KEY, [old]))).toBe('111');
			await place.delete(KEY, old);
			expect((await place.list(KEY)).map((part) => part.bytes)).toEqual([2]);
		});

		test('are kept only if their sums are right, and what stood before stays', async () => {
			const place = await make();
			await add(place, KEY, '', SIZE);
			const data = bytes(7, SIZE + 10);
			const right = [await sha256(data.slice(0, SIZE)), await sha256(data.slice(SIZE))];
			const part = { from: SIZE, bytes: data.length, tag: '' };
			const wrong = [right[0] ?? '', 'f'.repeat(64)];
			expect((await place.add(KEY, part, data.slice(), { size: SIZE, sha256: wrong })).wrong).toEqual({
				expected: 'f'.repeat(64),
				got: right[1]
			});
			expect(await total(place, KEY)).toBe(SIZE);
			expect((await place.add(KEY, part, data, { size: SIZE, sha256: right })).wrong).toBeUndefined();
			await place.settle(KEY);
			expect(await total(place, KEY)).toBe(2 * SIZE + 10);
		});

		test('can be deleted one file at a time, while it is written too, and by the folder', async () => {
			const place = await make();
			const [first] = await add(place, KEY, '', 3);
			await place.add(KEY, { from: 3, bytes: 1, tag: '' }, bytes(1, 1));
			if (first) for (const part of await place.list(KEY)) await place.delete(KEY, part);
			expect(await place.list(KEY)).toEqual([]);
			await add(place, KEY, '', 2);
			expect(await total(place, KEY)).toBe(2);
			await add(place, 'https://models.test/someone/deeper/file', '', 2);
			await add(place, 'https://models.test/someone-else', '', 2);
			await place.deleteBelow('https://models.test/someone/');
			expect(await place.list(KEY)).toEqual([]);
			expect(await place.list('https://models.test/someone/deeper/file')).toEqual([]);
			expect(await total(place, 'https://models.test/someone-else')).toBe(2);
		});

		test('that are gone are missed by whoever reads them', async () => {
			const place = await make();
			const names = await add(place, KEY, '', 3);
			for (const part of await place.list(KEY)) await place.delete(KEY, part);
			expect(await place.read(KEY, names)).toEqual([undefined]);
		});
	});
}
