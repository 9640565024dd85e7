import { describe, expect, it } from 'vitest';
import { MarkdownStream } from '#lib/text/stream.ts';
import type { Tree } from '#lib/text/tree.ts';
import { makeCuts, makeMarkdown, seededRandom } from './markdown-maker.ts';

const DOCUMENTS = Number(process.env['FUZZ_DOCUMENTS'] ?? 1_500);
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

function whole(text: string): readonly Tree[] {
	return new MarkdownStream().update(text, true);
}

function inPieces(text: string, cuts: readonly number[]): readonly Tree[] {
	const stream = new MarkdownStream();
	for (const cut of cuts) stream.update(text.slice(0, cut), false);
	return stream.update(text, true);
}

describe('Markdown that arrives in pieces', () => {
	it(`is read as if at once (seed ${String(SEED)})`, { timeout: 120_000 }, () => {
		for (let i = 0; i < DOCUMENTS; i++) {
			const random = seededRandom(SEED + i);
			const text = makeMarkdown(random, 4 + (i % 22));
			const cuts = makeCuts(random, text.length);
			expect(inPieces(text, cuts), `seed ${String(SEED + i)}\n${JSON.stringify(text)}`).toEqual(whole(text));
		}
	});

	it('keeps what is settled as the same objects', () => {
		const stream = new MarkdownStream();
		const before = stream.update('one\n\n- two\n- three\n- four', false);
		const after = stream.update('one\n\n- two\n- three\n- four\n- five\n\n# six\n', false);
		const items = (trees: readonly Tree[]) => (trees[1]?.kind === 'element' ? trees[1].children : []);
		expect(after[0]).toBe(before[0]);
		expect(items(after)[0]).toBe(items(before)[0]);
		expect(items(after)).toHaveLength(4);
	});

	it('reads a text anew that is another, or that goes on after its end', () => {
		const stream = new MarkdownStream();
		expect(stream.update('- one', true)).toEqual(whole('- one'));
		expect(stream.update('- one', true)).toEqual(whole('- one'));
		stream.update('- one', false);
		expect(stream.update('- one\ntwo', true)).toEqual(whole('- one\ntwo'));
		stream.update('other', false);
		expect(stream.update('oth', true)).toEqual(whole('oth'));
	});

	it('follows a change in the midst of a text at the end', () => {
		const text = (middle: string) => `${'one. '.repeat(40)}\n\n${middle}\n\n${'two. '.repeat(40)}`;
		const stream = new MarkdownStream();
		stream.update(text('before'), false);
		expect(stream.update(text('behind'), true)).toEqual(whole(text('behind')));
	});

	it('shows a long line that grows as it will be in the end', () => {
		const text = 'A sentence with *marks* and [a link](https://example.org). '.repeat(40) + '2 * 3 is `six`.';
		const stream = new MarkdownStream();
		for (let end = 0; end <= text.length; end += 7) stream.update(text.slice(0, end), false);
		const shown = stream.update(text, false);
		expect(JSON.stringify(joined(shown))).toBe(JSON.stringify(joined(whole(text))));
	});
});

/** Trees with texts that follow one another made one. */
function joined(trees: readonly Tree[]): Tree[] {
	const found: Tree[] = [];
	for (const tree of trees) {
		const last = found.at(-1);
		if (tree.kind === 'text' && last?.kind === 'text')
			found[found.length - 1] = { ...last, text: last.text + tree.text };
		else found.push(tree.kind === 'element' ? { ...tree, children: joined(tree.children) } : tree);
	}
	return found;
}
