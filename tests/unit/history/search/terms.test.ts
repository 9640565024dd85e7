import { describe, expect, test } from 'vitest';
import { fold, lookups, matchesOf, readQuery, termsOf } from '#lib/history/search/terms.ts';

describe('a text as search compares it', () => {
	test('every character there is, without case, accents and differences of width, with where it came from', () => {
		const simply = (character: string) =>
			character
				.normalize('NFKD')
				.replace(/\p{M}+/gu, '')
				.toLowerCase();
		const wrong: string[] = [];
		for (let code = 0; code <= 0x10ffff; code++) {
			const character = String.fromCodePoint(code);
			const { text, places } = fold(`a${character}Z`);
			const folded = simply(character);
			const expected = [0, ...Array.from({ length: folded.length }, () => 1)];
			expected.push(1 + character.length, 2 + character.length);
			if (text !== `a${folded}z` || places.join() !== expected.join()) wrong.push(code.toString(16));
		}
		expect(wrong).toEqual([]);
	});

	test('of any length', () => {
		const { text, places } = fold('Ａb😀'.repeat(10_000));
		expect(text).toBe('ab😀'.repeat(10_000));
		expect(places.at(-1)).toBe(40_000);
	});
});

describe('the terms of a text', () => {
	test.each([
		['Hello, hello WORLD', ['hello', 'world']],
		['Ｃａｆé ﬁn', ['cafe', 'fin']],
		['机器学习', ['机器', '器学', '学习', '习']],
		['用GPU计算', ['用', 'gpu', '计算', '算']],
		['コーヒー', ['コー', 'ーヒ', 'ヒー']],
		['学习，习惯，惯', ['学习', '习惯', '惯']],
		['snake_case 42', ['snake', 'case', '42']],
		['𠀀𠀁', ['𠀀𠀁', '𠀁']],
		[' …!', []]
	])('%s', (text, terms) => {
		expect([...termsOf(text)].sort()).toEqual(terms.sort());
	});

	test('a word of any length is one term of at most 32 characters', () => {
		expect([...termsOf('x'.repeat(1000))]).toEqual(['x'.repeat(32)]);
	});
});

describe('what is typed', () => {
	test.each([
		['app', [{ term: 'app', prefix: true }]],
		['a', [{ term: 'a', prefix: false }]],
		[
			'red app',
			[
				{ term: 'red', prefix: false },
				{ term: 'app', prefix: true }
			]
		],
		['学', [{ term: '学', prefix: true }]],
		['学习', [{ term: '学习', prefix: false }]],
		[
			'机器学',
			[
				{ term: '机器', prefix: false },
				{ term: '器学', prefix: false }
			]
		]
	])('%s is looked up', (query, expected) => {
		expect(lookups(readQuery(query))).toEqual(expected);
	});
});

describe('a text', () => {
	test.each([
		['I like Apples', 'app', ['App']],
		['I like Apples', 'like app', ['like', 'App']],
		['I like Apples', 'lik app', undefined],
		['pineapple', 'apple', undefined],
		['a pineapple, an apple', 'apple', ['apple']],
		['用apple写', 'apple', ['apple']],
		['𝒳apple apple', 'apple', ['apple']],
		['apples and an apple now', 'apple now', ['apple', 'now']],
		['我喜欢机器学习。', '器学', ['器学']],
		['器和学', '器学', undefined],
		['a Café, ＣＡＦＥ', 'cafe', ['Café', 'ＣＡＦＥ']],
		['ﬁnd it', 'find', ['ﬁnd']],
		['ababab', 'abab', ['abab']],
		['学习学习', '学习', ['学习学习']]
	])('%s, searched for %s, matches at %j', (text, query, expected) => {
		const ranges = matchesOf(text, readQuery(query));
		expect(ranges?.map(([from, to]) => text.slice(from, to))).toEqual(expected);
	});
});
