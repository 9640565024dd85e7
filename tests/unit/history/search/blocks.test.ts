import { describe, expect, test } from 'vitest';
import { BitReader, BitWriter } from '#lib/history/search/bits.ts';
import { inAll, markPlaces, Marks, packBlocks, type Posting } from '#lib/history/search/blocks.ts';

let seed = 20_261_122;
function random(below: number): number {
	seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
	return Math.floor((seed / 2 ** 32) * below);
}

test('numbers come out of their bits as they went in', () => {
	const writer = new BitWriter();
	const numbers = Array.from({ length: 2_000 }, () => random(2 ** random(14)));
	for (const [index, number] of numbers.entries()) {
		if (index % 3 === 0) writer.rice(number, index % 13);
		else if (index % 3 === 1) writer.gamma(number + 1);
		else writer.write(number, 14);
	}
	const reader = new BitReader(writer.bytes());
	const read = numbers.map((_, index) => {
		if (index % 3 === 0) return reader.rice(index % 13);
		return index % 3 === 1 ? reader.gamma() - 1 : reader.read(14);
	});
	expect(read).toEqual(numbers);
});

test('distances of their mean take about as many bits as they must', () => {
	const writer = new BitWriter();
	for (let n = 0; n < 1_000; n++) writer.rice(random(20), 3);
	expect(writer.bytes().length).toBeLessThan((1_000 * 5.5) / 8);
});

describe('blocks', () => {
	const PLACES = 700;
	const pieces = ['a', 'be', 'sta', 'tion', '学', '习', '機', '𠀀', '7', 'ver', 'x'.repeat(20)];
	const lists = new Map<string, number[]>();
	for (let n = 0; n < 3_000; n++) {
		const term = Array.from({ length: 1 + random(5) }, () => pieces[random(pieces.length)]).join('');
		const length = n % 50 === 0 ? PLACES - 1 : random(2 ** random(7));
		const places = new Set(Array.from({ length }, () => random(PLACES)).concat(n % PLACES));
		lists.set(
			term,
			[...places].sort((one, other) => one - other)
		);
	}
	const postings: Posting[] = [...lists].sort(([one], [other]) => (one < other ? -1 : 1));
	const blocks = [...packBlocks(postings, PLACES)];

	function read(term: string, prefix: boolean): { places: number[]; full: boolean } {
		const marks = new Marks(PLACES);
		for (const { bytes } of blocks) markPlaces(bytes, PLACES, { term, prefix }, marks);
		return { places: inAll([marks], PLACES).reverse(), full: marks.full };
	}

	test('are many, in the order of their last terms, and none is much larger than must be', () => {
		expect(blocks.length).toBeGreaterThan(10);
		const lasts = blocks.map(({ last }) => last);
		expect(lasts).toEqual(lasts.toSorted((one, other) => (one < other ? -1 : 1)));
		expect(Math.max(...blocks.map(({ bytes }) => bytes.length))).toBeLessThan(1_024 + 400);
	});

	test('have each term with its places, in the block that its name leads to', () => {
		for (const [term, places] of postings) {
			const block = blocks.find(({ last }) => last >= term);
			const marks = new Marks(PLACES);
			if (block) markPlaces(block.bytes, PLACES, { term, prefix: false }, marks);
			if (!marks.full) expect(inAll([marks], PLACES).reverse(), term).toEqual(places);
			else expect(places.length, term).toBeGreaterThan(PLACES / 2);
		}
	});

	test.each(['a', 'b', 'be', 'stat', 'x', '学', '学习机', '𠀀7', 'none'])(
		'find all that begins with %s',
		(term) => {
			const expected = new Set(postings.flatMap(([name, places]) => (name.startsWith(term) ? places : [])));
			const { places, full } = read(term, true);
			if (full) expect(expected.size).toBeGreaterThanOrEqual((PLACES * 7) / 8);
			else expect(places).toEqual([...expected].sort((one, other) => one - other));
		}
	);

	test.each(['none', '学习机器', 'x', ''])('have nothing for %j, which is no term', (term) => {
		expect(lists.has(term)).toBe(false);
		expect(read(term, false)).toEqual({ places: [], full: false });
	});
});
