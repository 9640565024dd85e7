import { describe, expect, test } from 'vitest';
import { checkText, forkTitle, MAX_TEXT_LENGTH, MAX_TITLE_LENGTH, titleOf } from '#lib/message/text.ts';

describe('a text to be sent', () => {
	test('is kept to the letter', () => {
		expect(checkText('  a \n')).toEqual({ kind: 'ok', text: '  a \n' });
	});

	test('is empty when it is nothing but white space', () => {
		expect(checkText(' \n\t\u3000')).toEqual({ kind: 'empty' });
	});

	test('may be as long as the limit, and not longer', () => {
		expect(checkText('x'.repeat(MAX_TEXT_LENGTH)).kind).toBe('ok');
		expect(checkText('x'.repeat(MAX_TEXT_LENGTH + 1))).toEqual({
			kind: 'too-long',
			length: MAX_TEXT_LENGTH + 1,
			limit: MAX_TEXT_LENGTH
		});
	});
});

describe('a title', () => {
	test('is the first line of what was asked', () => {
		expect(titleOf('\n  What is it?\nIn short.')).toBe('What is it?');
	});

	test.each([
		['```ts\nconst a = 1;\n```\nWhat is it?', 'const a = 1;'],
		['````md title="x"\n\n```\n````\nWhy?', 'Why?'],
		['~~~\n  body { margin: 0 }\n~~~', 'body { margin: 0 }'],
		['---\n## What is it?', 'What is it?'],
		['> > quoted\nIs it so?', 'quoted'],
		['>quoted', 'quoted'],
		['- * milk', 'milk'],
		['`git rebase` fails', 'git rebase fails'],
		['```git rebase``` fails', 'git rebase fails'],
		['**Note:** it fails', 'Note: it fails']
	])('of %j is the first words that a person would know again', (text, expected) => {
		expect(titleOf(text)).toBe(expected);
	});

	test.each(['-5 °C in °F?', '#include <map>', '**kwargs in Python?', '`', '```ts', '```\n> -\n```', '#'])(
		'of %j leaves what is no mark before words',
		(text) => {
			expect(titleOf(text)).toBe(text.split('\n')[0]);
		}
	);

	test('is there for a message of nothing but marks, as long as one may be', () => {
		for (const mark of ['*', '`', '>', '# ', '-\n', '**a']) {
			const text = mark.repeat(MAX_TEXT_LENGTH / mark.length);
			expect(titleOf(text).trim()).not.toBe('');
		}
	});

	test('is cut at a whole character, with a sign that it is', () => {
		const title = titleOf('👍🏽'.repeat(100));
		expect(title.endsWith('…')).toBe(true);
		expect(title.isWellFormed()).toBe(true);
		expect(Array.from(title).length).toBeLessThanOrEqual(60);
	});
});

describe('the title of a copy', () => {
	test.each([
		['Trip', 'Trip (2)'],
		['Trip (2)', 'Trip (3)'],
		['Trip (99)', 'Trip (100)'],
		['(2)', '(2) (2)'],
		['旅行', '旅行 (2)']
	])('of %j is %j', (title, expected) => {
		expect(forkTitle(title)).toBe(expected);
	});

	test('is cut at a whole character where it would be too long', () => {
		const title = forkTitle('🏔'.repeat(MAX_TITLE_LENGTH / 2));
		expect(title).toBe(`${'🏔'.repeat(MAX_TITLE_LENGTH / 2 - 2)} (2)`);
	});
});
