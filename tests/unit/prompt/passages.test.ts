import { describe, expect, test } from 'vitest';
import { estimateTokens, firstPart, firstParts, joined, passagesOf } from '#lib/prompt/passages.ts';
import { bestPassages, rank, searchable, termsOf } from '#lib/prompt/ranking.ts';

const paragraph = (about: string) =>
	`${about} ${'Filling words that are in each of them. '.repeat(8)}`.trim();

describe('the first part', () => {
	test('is all of a text that fits', () => {
		expect(firstPart('short', 2)).toBe('short');
	});

	test('ends between lines where one ends near, and never within a character', () => {
		const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n');
		const part = firstPart(lines, 100);
		expect(lines.startsWith(`${part}\n`)).toBe(true);
		expect(estimateTokens(part)).toBeGreaterThan(75);
		for (let tokens = 0; tokens < 9; tokens++) {
			const cut = firstPart('🙂汉🙂字🙂汉🙂', tokens);
			expect(cut.isWellFormed()).toBe(true);
			expect(estimateTokens(cut)).toBeLessThanOrEqual(tokens);
		}
	});

	test('is shared between files, and a short one leaves the rest to the others', () => {
		const [long = '', short = '', other = ''] = firstParts(['x'.repeat(9000), 'abc', 'y'.repeat(9000)], 1000);
		expect(short).toBe('abc');
		expect(estimateTokens(long)).toBeGreaterThan(490);
		expect(estimateTokens(other)).toBeGreaterThan(490);
		expect(estimateTokens(long + short + other)).toBeLessThanOrEqual(1001);
	});
});

describe('passages', () => {
	test.each([
		['paragraphs', ['Apples.', 'Pears.', 'Plums.'].map(paragraph).join('\n\n')],
		['a table', Array.from({ length: 400 }, (_, index) => `${index},name ${index},city`).join('\n')],
		['one long line', 'word '.repeat(2000)],
		['Chinese without a break', '这是一个没有换行的很长的句子'.repeat(300)],
		['surrogate pairs', 'a' + '🙂'.repeat(3000)]
	])('of %s are short, well formed, where they say, and together all of it', (_, text) => {
		const passages = passagesOf(text);
		for (const { start, text: piece } of passages) {
			expect(text.slice(start, start + piece.length)).toBe(piece);
			expect(piece.length).toBeLessThanOrEqual(800);
			expect(piece.isWellFormed()).toBe(true);
		}
		const all = passages.map(({ text: piece }) => piece).join('');
		expect(all.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
		expect(passages.length).toBeGreaterThan(1);
	});

	test('are put together as they stood, with a mark where words are left out', () => {
		const text = ['One.', 'Two.', 'Three.', 'Four.'].map(paragraph).join('\n\n');
		const [one, two, , four] = passagesOf(text);
		const some = [one, two, four].filter((passage) => passage !== undefined);
		expect(joined(some, text, '<gap>')).toBe(
			`${paragraph('One.')}\n\n${paragraph('Two.')}<gap>${paragraph('Four.')}`
		);
		expect(joined([], text, '<gap>')).toBe('');
	});

	test('of an empty text are none', () => {
		expect(passagesOf(' \n\n ')).toEqual([]);
	});
});

describe('the ranking', () => {
	test('looks for words, and for pairs of Chinese characters', () => {
		expect(termsOf('What is the Price of 苹果汁 in ＰＡＲＩＳ?')).toEqual(['price', 'paris', '苹果', '果汁']);
	});

	test('finds the passage that a question is about, in both languages', () => {
		const text = [
			'Apples cost two coins.',
			'The lighthouse keeper sleeps at noon.',
			'灯塔的看守人叫老周，他养了一只猫。',
			'Ships pass the harbour.'
		];
		const ready = searchable(passagesOf(text.map(paragraph).join('\n\n')));
		expect(rank(ready, 'When does the keeper of the lighthouse sleep?')[0]?.text).toContain('noon');
		expect(rank(ready, '看守人是谁？')[0]?.text).toContain('老周');
		expect(rank(ready, 'zebra')).toEqual([]);
	});

	test('prefers what is rare to what is everywhere, and takes no word from within another', () => {
		const text = ['The cat sat.', 'Cattle and the concatenation of cats.', 'An owl sat.'];
		const ready = searchable(text.map((piece, index) => ({ file: 0, start: index, text: piece })));
		expect(rank(ready, 'sat owl')[0]?.start).toBe(2);
		expect(rank(ready, 'cat').map(({ start }) => start)).toEqual([0]);
	});

	test('gives the best that fit, in the order of the files', () => {
		const files = ['Owls are grey. Owls!', 'Nothing.', 'An owl, some owls, many owls.'];
		const passages = files.flatMap((text, file) => passagesOf(paragraph(text), file));
		const chosen = bestPassages(searchable(passages), 'owls', 250);
		expect(chosen.map(({ file }) => file)).toEqual([0, 2]);
		expect(bestPassages(searchable(passages), 'owls', 100)).toHaveLength(1);
	});
});
