import { expect, test } from 'vitest';
import { splitThinking, withoutThinking } from '#lib/message/thinking.ts';

test('thinking is told apart from the answer', () => {
	expect(splitThinking('<think>\nHm.\n\nYes.\n</think>\n\nIt is **so**.\n')).toEqual({
		thinking: 'Hm.\n\nYes.',
		done: true,
		answer: 'It is **so**.\n'
	});
});

test('thinking that is still under way has no answer yet', () => {
	expect(splitThinking('\n<think>Hm. </thi')).toEqual({ thinking: 'Hm. </thi', done: false, answer: '' });
});

test.each(['Plain.', 'Write <think> before it.', ' leading', ''])(
	'%j is all answer, to the letter',
	(text) => {
		expect(splitThinking(text)).toBeUndefined();
		expect(withoutThinking(text)).toBe(text);
	}
);

test('the answer alone is what is left without the thinking', () => {
	expect(withoutThinking('<think></think>Yes.')).toBe('Yes.');
	expect(withoutThinking('<think>cut off')).toBe('');
});
