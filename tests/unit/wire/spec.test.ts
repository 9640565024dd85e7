import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../..', import.meta.url).pathname;

/** The numbers of a document's rules, in its order. */
function rulesOf(path: string): string[] {
	return [...readFileSync(ROOT + path, 'utf8').matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(
		([, rule = '']) => rule
	);
}

/** The numbers that stand in the names of tests. */
function named(...patterns: string[]): Set<string> {
	const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT }));
	const texts = files.map((file) => readFileSync(ROOT + file, 'utf8'));
	return new Set(texts.flatMap((text) => [...text.matchAll(/\[([A-Z]\d+)\]/g)].map(([, rule = '']) => rule)));
}

const documents = [
	{
		document: 'src/lib/wire/SPEC.md',
		tests: [
			'tests/unit/wire/parse.test.ts',
			'tests/unit/server/*.ts',
			'tests/contract/room-log*.ts',
			'tests/sync/*.ts'
		]
	},
	{ document: 'src/lib/seal/FORMAT.md', tests: ['tests/unit/seal/*.ts'] },
	{ document: 'src/lib/room/PAYLOAD.md', tests: ['tests/unit/room/*.ts', 'tests/sync/rooms/*.ts'] }
];

test.each(documents)(
	'each rule of $document stands in the name of a test, and no other does',
	({ document, tests }) => {
		const rules = rulesOf(document);
		expect(rules.length).toBeGreaterThan(9);
		expect(new Set(rules).size).toBe(rules.length);
		expect([...named(...tests)].sort()).toEqual([...rules].sort());
	}
);
