import { describe, expect, it } from 'vitest';
import { toPlainText } from '#lib/text/plain.ts';

describe('Markdown as plain text', () => {
	it.each([
		['# Title\n\nSome **bold** *and* ~~not~~ `code`.', 'Title\n\nSome bold and not code.'],
		['- a\n- b\n  1. c\n  2. d', '- a\n- b\n  1. c\n  2. d'],
		['3. a\n\n4. b\n\n   c', '3. a\n\n4. b\n\n   c'],
		['- [x] done\n- [ ] open', '- [x] done\n- [ ] open'],
		['> quote\n>\n> more', '> quote\n>\n> more'],
		['| a | b |\n|---|---|\n| **1** | 2 |', 'a\tb\n1\t2'],
		['```js\nlet a = "<b>";\n```\n\nend', 'let a = "<b>";\n\nend'],
		['$a_1$ and\n\n$$\nx^2\n$$', 'a_1 and\n\nx^2'],
		['[site](https://example.org) ![cat](https://example.org/c.png)', 'site cat'],
		['<b>&amp;</b>', '<b>&</b>'],
		['one  \ntwo', 'one\ntwo']
	])('of %j', (markdown, expected) => {
		expect(toPlainText(markdown)).toBe(expected);
	});
});
