import { expect, test } from 'vitest';
import { amount, exactly, inOrder, listOf, text } from '#lib/history/formats/reader.ts';

interface Inner {
	a: number;
	b: number;
}

interface Outer {
	name: string;
	inner?: Inner;
	list: Inner[];
}

test('what is written has the readers’ order and fields, at every level', () => {
	const inner = exactly<Inner>({ a: amount, b: amount });
	const fields = { name: text, inner: { optional: inner }, list: listOf(inner) };
	const row = { list: [{ b: 5, a: 4 }], inner: { b: 2, more: 3, a: 1 }, more: 4, name: 'x' };
	expect(JSON.stringify(inOrder<Outer>(fields, row))).toBe(
		'{"name":"x","inner":{"a":1,"b":2},"list":[{"a":4,"b":5}]}'
	);
});
