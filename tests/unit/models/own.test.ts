import { expect, test } from 'vitest';
import { catalogue } from '#lib/models/catalogue.ts';
import { parseModel, parseOwnModels, portable } from '#lib/models/own.ts';

const base = 'https://chat.example/alcove/';
const models = catalogue(base);

test.each(models)('a description of $id is read back as it was', (model) => {
	const text = JSON.stringify(model);
	expect(parseModel(JSON.parse(text), base)).toEqual(model);
});

test('what lies beside the app is named without its address, and found again under another', () => {
	const selfTest = models.at(-1);
	const text = JSON.stringify(portable(selfTest, base));
	expect(text).not.toContain('chat.example');
	expect(parseModel(JSON.parse(text), 'https://other.example/')?.builds[0]).toMatchObject({
		url: 'https://other.example/self-test.gguf'
	});
});

const good = { id: 'x', name: 'X', contextWindow: 1, languages: [], builds: [] };
const build = { id: 'b', engine: 'wllama', quantization: 'q', bytes: 1, memory: 1, url: 'x.gguf' };
test.each<[string, unknown]>([
	['nothing', null],
	['no builds', good],
	['a build without a size', { ...good, builds: [{ ...build, bytes: 0 }] }],
	['a build of another engine', { ...good, builds: [{ ...build, engine: 'other' }] }],
	['a script for an address', { ...good, builds: [{ ...build, url: 'javascript:1' }] }],
	['an MLC build without a library', { ...good, builds: [{ ...build, engine: 'webllm', url: 'x/' }] }],
	['no name', { ...good, name: '', builds: [build] }]
])('%s is no model', (_name, input) => {
	expect(parseModel(input, base)).toBeUndefined();
});

test('sums of parts are read back where they fit the file', () => {
	const sha256 = 'a'.repeat(64);
	const large = { ...build, bytes: 1024 ** 2 + 1, sha256 };
	const sums = { size: 1024 ** 2, sha256: [sha256, sha256] };
	const read = (parts: unknown) => parseModel({ ...good, builds: [{ ...large, parts }] }, base)?.builds[0];
	expect(read(sums)).toMatchObject({ sha256, parts: sums });
	for (const wrong of [
		{ ...sums, size: 1 },
		{ ...sums, sha256: [sha256] },
		{ ...sums, sha256: [sha256, 'x'] }
	]) {
		expect(read(wrong)).toMatchObject({ sha256 });
		expect(read(wrong)).not.toHaveProperty('parts');
	}
});

test('own models are those of a list that can be read; the rest of it is passed over', () => {
	expect(parseOwnModels([1, { ...good, builds: [build] }, {}], base)).toHaveLength(1);
	expect(parseOwnModels('nothing', base)).toEqual([]);
});
