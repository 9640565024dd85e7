import { expect, test } from 'vitest';
import { completions, mentionBefore } from '#lib/ui/room/mention-help.ts';

test('a mention that is being written ends at the caret', () => {
	expect(mentionBefore('Gladly, @ad', 11)).toEqual({ from: 8, begun: 'ad' });
	expect(mentionBefore('Gladly, @ad', 9)).toEqual({ from: 8, begun: '' });
	expect(mentionBefore('你好@小', 4)).toEqual({ from: 2, begun: '小' });
	expect(mentionBefore('Gladly, @ada and', 16)).toBeUndefined();
	expect(mentionBefore('ada@example', 11)).toBeUndefined();
});

test('a name is offered by its beginning first, in whatever case', () => {
	const names = ['AI', 'Bela', 'ada', 'Ella'];
	expect(completions('', names)).toEqual(names);
	expect(completions('A', names)).toEqual(['AI', 'ada', 'Bela', 'Ella']);
	expect(completions('el', names)).toEqual(['Ella', 'Bela']);
	expect(completions('x', names)).toEqual([]);
});

test('one that is written in full is no longer offered: Enter sends it', () => {
	expect(completions('ADA', ['ada', 'adam'])).toEqual([]);
	expect(completions('小助手', ['小助手'])).toEqual([]);
});
