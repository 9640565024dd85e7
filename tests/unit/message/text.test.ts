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
