import { describe, expect, test } from 'vitest';
import type { WebllmBuild } from '#lib/models/catalogue.ts';
import { followingFiles } from '#lib/models/files.ts';

const build: WebllmBuild = {
	id: 'x',
	engine: 'webllm',
	quantization: 'q',
	needs: {},
	bytes: 1,
	memory: 1,
	url: 'https://hub.example/a/resolve/main/',
	library: 'https://lib.example/x.wasm'
};
const config = { tokenizer_files: ['tokenizer.json'] };
const record = { dataPath: 'params_shard_0.bin', nbytes: 5, md5sum: 'AB' };

describe('a manifest', () => {
	test('names the weights with size and hash', () => {
		const files = followingFiles(build, config, { records: [record] });
		expect(files.map(({ key }) => key)).toEqual([
			'https://lib.example/x.wasm',
			`${build.url}tokenizer.json`,
			`${build.url}params_shard_0.bin`
		]);
		expect(files[2]).toMatchObject({ bytes: 5, hash: { algorithm: 'md5', value: 'ab' } });
	});

	test('goes with the older kind of tokenizer', () => {
		const files = followingFiles(build, { tokenizer_files: ['tokenizer.model'] }, { records: [record] });
		expect(files[1]?.key).toBe(`${build.url}tokenizer.model`);
	});

	test.each<[string, unknown, unknown]>([
		['no records', config, {}],
		['no weights', config, { records: [] }],
		['a record without size', config, { records: [{ dataPath: 'a' }] }],
		['a size that is no count', config, { records: [{ ...record, nbytes: 1.5 }] }],
		['a file outside its folder', config, { records: [{ ...record, dataPath: '../../other/x' }] }],
		['a file on another host', config, { records: [{ ...record, dataPath: 'https://evil.example/x' }] }],
		['a list for a config', [], { records: [record] }],
		['no tokenizer', { tokenizer_files: ['vocab.json'] }, { records: [record] }]
	])('is refused with %s', (_name, badConfig, manifest) => {
		expect(() => followingFiles(build, badConfig, manifest)).toThrow(
			expect.objectContaining({ kind: 'not-what-was-asked' })
		);
	});
});
