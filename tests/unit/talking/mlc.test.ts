import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LibraryMetadata } from '../../../scripts/talking/library.ts';
import { UnsupportedLibraryError, writeTalkingMlc } from '../../../scripts/talking/mlc.ts';

const HIDDEN = 128;
const WIDTH = 64;
const WORDS = ['One', 'sentence', 'made', 'of', 'distinct', 'words.'];

function matrix(name: string, rows: number, columns: number): LibraryMetadata['params'] {
	return [
		{ name: `${name}.q_weight`, shape: [rows, columns / 8], dtype: 'uint32' },
		{ name: `${name}.q_scale`, shape: [rows, columns / 32], dtype: 'float32' }
	];
}

/** Qwen2-0.5B's vocabulary, and for the rest a shape small enough for a test. */
const LIBRARY: LibraryMetadata = {
	modelType: 'qwen2',
	quantization: 'q4f32_1',
	contextWindow: 4096,
	prefillChunk: 1024,
	params: [
		...matrix('model.embed_tokens', 151936, HIDDEN),
		...matrix('model.layers.0.self_attn.c_attn', 192, HIDDEN),
		{ name: 'model.layers.0.self_attn.c_attn.bias', shape: [192], dtype: 'float32' },
		...matrix('model.layers.0.mlp.gate_up_proj', 2 * WIDTH, HIDDEN),
		...matrix('model.layers.0.mlp.down_proj', HIDDEN, WIDTH),
		// more than what is left of the first shard
		...matrix('model.layers.1.mlp.gate_up_proj', 400000, HIDDEN),
		{ name: 'model.norm.weight', shape: [HIDDEN], dtype: 'float32' }
	]
};

interface Manifest {
	metadata: { ParamSize: number; ParamBytes: number };
	records: {
		dataPath: string;
		nbytes: number;
		md5sum: string;
		records: { name: string; shape: number[]; nbytes: number; byteOffset: number }[];
	}[];
}

interface Tokenizer {
	added_tokens: { id: number; content: string; special: boolean }[];
	model: { vocab: Record<string, number> };
}

describe('the talking MLC model', () => {
	const folder = mkdtempSync(join(tmpdir(), 'talking-'));
	const path = (name: string) => join(folder, name);
	const json = (name: string): unknown => JSON.parse(readFileSync(path(name), 'utf8'));
	let total = 0;
	beforeAll(async () => {
		total = await writeTalkingMlc(folder, { library: LIBRARY, words: WORDS, phrases: ['user', 'made'] });
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	/** A tensor's bytes, by the manifest. */
	function tensor(name: string): ArrayBuffer {
		const { records } = json('ndarray-cache.json') as Manifest;
		for (const shard of records) {
			const found = shard.records.find((entry) => entry.name === name);
			if (!found) continue;
			const bytes = readFileSync(path(shard.dataPath));
			return new Uint8Array(bytes.subarray(found.byteOffset, found.byteOffset + found.nbytes)).buffer;
		}
		throw new Error(`No tensor ${name}`);
	}

	/** A row of a quantized matrix as numbers. */
	function rowsOf(name: string, columns: number): (row: number) => number[] {
		const words = new Uint32Array(tensor(`${name}.q_weight`));
		const scales = new Float32Array(tensor(`${name}.q_scale`));
		return (row) =>
			Array.from({ length: columns }, (_, k) => {
				const word = words[(row * columns + k) >> 3] ?? NaN;
				const nibble = (word >>> ((k & 7) * 4)) & 15;
				return (nibble - 7) * (scales[(row * columns + k) >> 5] ?? NaN);
			});
	}

	const dot = (a: readonly number[], b: readonly number[]) =>
		a.reduce((sum, value, index) => sum + value * (b[index] ?? NaN), 0);

	test('has a manifest whose shards hold every tensor of the library, in its order', () => {
		const manifest = json('ndarray-cache.json') as Manifest;
		expect(json('tensor-cache.json')).toEqual(manifest);
		expect(manifest.records.flatMap((shard) => shard.records.map(({ name }) => name))).toEqual(
			LIBRARY.params.map(({ name }) => name)
		);
		expect(manifest.records.length).toBeGreaterThan(1);
		for (const shard of manifest.records) {
			const bytes = readFileSync(path(shard.dataPath));
			expect(bytes).toHaveLength(shard.nbytes);
			expect(bytes.length).toBeLessThanOrEqual(32 * 1024 * 1024);
			expect(createHash('md5').update(bytes).digest('hex')).toBe(shard.md5sum);
			let offset = 0;
			for (const { byteOffset, nbytes } of shard.records) {
				expect(byteOffset).toBe(offset);
				offset += nbytes;
			}
			expect(offset).toBe(shard.nbytes);
		}
		expect(manifest.metadata.ParamSize).toBe(LIBRARY.params.length);
		expect(manifest.records.reduce((sum, { nbytes }) => sum + nbytes, 0)).toBe(total);
		expect(manifest.metadata.ParamBytes).toBe(total);
	});

	test('says its words and ends its turn', () => {
		const { model } = json('tokenizer.json') as Tokenizer;
		const embedding = rowsOf('model.embed_tokens', HIDDEN);
		const gateUp = rowsOf('model.layers.0.mlp.gate_up_proj', HIDDEN);
		const down = rowsOf('model.layers.0.mlp.down_proj', WIDTH);
		const gates = Array.from({ length: 2 * WIDTH }, (_, row) => gateUp(row));
		const downs = Array.from({ length: HIDDEN }, (_, row) => down(row));
		const heads = Object.entries(model.vocab).map(([text, id]) => ({ text, row: embedding(id) }));

		const nextOf = (token: string): string => {
			const x = heads.find(({ text }) => text === token)?.row ?? [];
			const fired = Array.from({ length: WIDTH }, (_, neuron) => {
				const gate = dot(gates[neuron] ?? [], x);
				return (gate / (1 + Math.exp(-gate))) * dot(gates[WIDTH + neuron] ?? [], x);
			});
			const sum = x.map((value, k) => value + dot(downs[k] ?? [], fired));
			const logits = heads.map(({ text, row }) => ({ text, logit: dot(row, sum) }));
			return logits.sort((a, b) => b.logit - a.logit)[0]?.text ?? '';
		};
		const said: string[] = [];
		for (let token = nextOf('Ċ'); token !== '<|im_end|>' && said.length < 20; token = nextOf(token)) {
			said.push(token);
		}
		expect(said.join('')).toBe(WORDS.join(' '));
	});

	test('gives each word and phrase one token, and the same in the vocabulary', () => {
		const { added_tokens: added, model } = json('tokenizer.json') as Tokenizer;
		expect(added.filter(({ special }) => !special).map(({ content }) => content)).toEqual([
			'One',
			' sentence',
			' made',
			' of',
			' distinct',
			' words.',
			'user',
			'made'
		]);
		for (const { id, content } of added) expect(model.vocab[content]).toBe(id);
		expect(new Set(Object.values(model.vocab)).size).toBe(256 + 8 + 3);
	});

	const unfit: [string, LibraryMetadata, RegExp][] = [
		['another architecture', { ...LIBRARY, modelType: 'llama' }, /llama/],
		['another layout', { ...LIBRARY, quantization: 'q4f16_1' }, /q4f16_1/],
		[
			'a head of its own',
			{ ...LIBRARY, params: [...LIBRARY.params, ...matrix('lm_head', 151936, HIDDEN)] },
			/head/
		],
		['another vocabulary', { ...LIBRARY, params: matrix('model.embed_tokens', 32, HIDDEN) }, /32 tokens/],
		['tensors of another name', { ...LIBRARY, params: [] }, /model\.embed_tokens/]
	];
	test.each(unfit)('cannot be made for a library of %s', async (_, library, message) => {
		const written = writeTalkingMlc(folder, { library, words: WORDS, phrases: [] });
		await expect(written).rejects.toThrow(UnsupportedLibraryError);
		await expect(written).rejects.toThrow(message);
	});
});
