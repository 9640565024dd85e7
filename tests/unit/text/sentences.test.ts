import { describe, expect, it } from 'vitest';
import { finishedSentences } from '#lib/text/sentences.ts';

/** All that is said while `text` grows by one character at a time. */
function said(text: string): string[] {
	const all: string[] = [];
	let from = 0;
	for (let length = 1; length <= text.length; length++) {
		const { sentences, next } = finishedSentences(text.slice(0, length), from, false);
		all.push(...sentences);
		from = next;
	}
	return [...all, ...finishedSentences(text, from, true).sentences];
}

describe('finished sentences', () => {
	it.each([
		['One. Two! Three? Four', ['One.', 'Two!', 'Three?', 'Four']],
		['Pi is 3.14 or so. Yes.', ['Pi is 3.14 or so.', 'Yes.']],
		['He said "no." Then left.', ['He said "no."', 'Then left.']],
		['第一句。第二句！“第三句？”第四', ['第一句。', '第二句！', '“第三句？”', '第四']],
		['等等……好的。', ['等等……', '好的。']],
		['# Title\n\nSome **bold** words. And `code`.', ['Title', 'Some bold words.', 'And code.']],
		['1. first\n2. second\n- third', ['first', 'second', 'third']],
		['- [x] done\n- [ ] open', ['done', 'open']],
		['See [the site](https://example.org/a.b?c=d). End', ['See the site.', 'End']],
		['| a | b |\n|---|---|\n| c | d |\n\nEnd', ['a, b', 'c, d', 'End']],
		['Before:\n\n```js\nlet x = 1. ;\n// no. no!\n```\n\nAfter.', ['Before:', 'After.']],
		['a line\nthat goes on. End', ['a line that goes on.', 'End']],
		['', []]
	])('of %j', (text, expected) => {
		expect(said(text)).toEqual(expected);
	});

	it('says nothing of code that is still being written', () => {
		const text = 'Look.\n\n```py\nprint("a. b.")\n';
		expect(finishedSentences(text, 0, false).sentences).toEqual(['Look.']);
	});

	it('says the same whatever the pieces', () => {
		const text = 'One. **Two!** 三。“四！”\n\n- five\n- six\n\n```\n. . .\n```\nSeven? Eight';
		expect(finishedSentences(text, 0, true).sentences).toEqual(said(text));
	});
});
