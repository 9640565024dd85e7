import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { METHODS_LEFT_OUT } from '../../../scripts/first-load.ts';

test('no source calls a method of the database library that the build leaves out', () => {
	const left = Object.values(METHODS_LEFT_OUT).flat();
	const call = new RegExp(`\\.(${left.join('|')})\\(`, 'g');
	expect('rows.distinct().toArray()').toMatch(call);
	const files = globSync('src/**/*.{ts,svelte}', { exclude: ['src/lib/i18n/paraglide/**'] });
	expect(files.length).toBeGreaterThan(100);
	const calls = files.flatMap((file) =>
		[...readFileSync(file, 'utf8').matchAll(call)].map(([found]) => `${file}: ${found}`)
	);
	expect(calls).toEqual([]);
});
