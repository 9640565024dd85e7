/** Markdown made at random, dense in what makes reading it piece by piece hard. */

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

const INDENTS = [
	'',
	'',
	'',
	'',
	'',
	' ',
	'  ',
	'   ',
	'    ',
	'      ',
	'\t',
	'> ',
	'>',
	'> > ',
	'- ',
	'1. ',
	'  - '
];

const LINES = [
	'',
	'',
	'',
	'plain words',
	'a | b',
	'| a | b |',
	'|---|---|',
	'---|---',
	'| c |',
	'---',
	'- - -',
	'***',
	'===',
	'=',
	'-',
	'- item',
	'- [ ] open task',
	'- [x] done task',
	'* star item',
	'+ plus item',
	'1. first',
	'2. second',
	'7) seventh',
	'1.',
	'- a | b',
	'# heading',
	'## [late] heading #',
	'```',
	'```js',
	'~~~',
	'````',
	'const x = `1`;',
	'[late]: https://example.org/late',
	'[late]: https://example.org/second "two"',
	'[soon]: <https://example.org/soon>',
	'"a title',
	'ends"',
	"'title'",
	'see [late] and [the other][soon]',
	'![picture][late] [LATE][]',
	'[x]: https://example.org/x',
	'$$',
	'$$ x = 1 $$',
	'$$ y',
	'\\[',
	'\\]',
	'\\] and more',
	'x^2 $a+b$ \\(c\\)',
	'**bold *both* ~~gone~~',
	'still** _on_',
	'`code` ``two ` ticks``',
	'<b onclick="x">raw</b>',
	'a<br>b',
	'https://example.org/path www.example.org me@example.org',
	'中文**强调。**后面',
	'hard  ',
	'back\\',
	'&lt;&#35;',
	'- > quote in item',
	'1. - nested',
	'\u0000nul'
];

/** A document of at most `most` lines. */
export function makeMarkdown(random: () => number, most: number): string {
	const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
	const count = 1 + Math.floor(random() * most);
	const end = random() < 0.1 ? '\r\n' : '\n';
	let previous = '';
	const lines = Array.from({ length: count }, () => {
		// an indentation kept from line to line makes deep structures likely
		const indent = random() < 0.5 ? previous : pick(INDENTS);
		previous = random() < 0.7 ? indent.replace(/[-1.]/g, ' ') : '';
		return indent + pick(LINES);
	});
	return lines.join(end) + (random() < 0.5 ? end : '');
}

/** Where to cut a text so that it arrives in pieces: growing offsets, the last one its length. */
export function makeCuts(random: () => number, length: number): number[] {
	const cuts: number[] = [];
	const stride = random() < 0.3 ? 1 : 1 + Math.floor(random() * 30);
	for (let at = 0; at < length; at += 1 + Math.floor(random() * stride)) cuts.push(at);
	return [...cuts, length];
}
