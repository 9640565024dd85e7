import { expect, test } from 'vitest';
import { onceThere } from '#lib/app-once.ts';

/** Something that arrives when it is told to, and notes what is begun with it and ended. */
function arrival() {
	const { promise, resolve } = Promise.withResolvers<string>();
	const noted: string[] = [];
	const end = onceThere(promise, (there) => {
		noted.push(`begins with ${there}`);
		return () => noted.push('ends');
	});
	return { end, noted, arrive: async () => (resolve('it'), promise) };
}

test('begins once it is there, and ends when it is told to', async () => {
	const { end, noted, arrive } = arrival();
	expect(noted).toEqual([]);
	await arrive();
	expect(noted).toEqual(['begins with it']);
	end();
	expect(noted).toEqual(['begins with it', 'ends']);
});

test('what was ended before it was there is never begun', async () => {
	const { end, noted, arrive } = arrival();
	end();
	await arrive();
	expect(noted).toEqual([]);
});
