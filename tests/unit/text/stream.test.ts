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
	it(`is read as if at once (seed ${String(SEED)})`, () => {
		for (let i = 0; i < DOCUMENTS; i++) {
			const random = seededRandom(SEED + i);
			const text = makeMarkdown(random, 4 + (i % 22));
			const cuts = makeCuts(random, text.length);
			expect(inPieces(text, cuts), `seed ${String(SEED + i)}\n${JSON.stringify(text)}`).toEqual(whole(text));
		}
	});
});
