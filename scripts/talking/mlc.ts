/** The talking model for WebLLM: the shape of Qwen2-0.5B, since a compiled library fixes all shapes. */

import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LibraryMetadata, LibraryParam } from './library.ts';
import { tensorBytes, vectorsOf, type TensorPlan } from './mlc-tensors.ts';
import { mlcChatConfig, mlcVocabulary, VOCABULARY_SIZE } from './mlc-vocabulary.ts';

export { LibraryMetadataError, readLibraryMetadata } from './library.ts';

export interface TalkingMlcModel {
	/** What it says, one token a word, each word once. */
	words: readonly string[];
	/** Texts that prompts contain, each to cost a single token. */
	phrases: readonly string[];
	library: LibraryMetadata;
}

/** The library runs a model whose weights cannot be made here. */
export class UnsupportedLibraryError extends Error {
	override readonly name = 'UnsupportedLibraryError';
}

const SHARD_BYTES = 32 * 1024 * 1024;

interface ShardRecord {
	name: string;
	shape: number[];
	dtype: string;
	format: 'raw';
	nbytes: number;
	byteOffset: number;
}

interface Shard {
	dataPath: string;
	format: 'raw-shard';
	nbytes: number;
	records: ShardRecord[];
	md5sum: string;
}

function shapeOf(library: LibraryMetadata, name: string): [rows: number, words: number] {
	const shape = library.params.find((param) => param.name === name)?.shape;
	const [rows, words] = shape ?? [];
	if (rows === undefined || words === undefined) throw new UnsupportedLibraryError(`No matrix ${name}`);
	return [rows, words];
}

/** The widths that the library wants, once it is known to run what can be made here. */
function widthsOf(library: LibraryMetadata): { hidden: number; width: number } {
	const { modelType, quantization, params } = library;
	if (modelType !== 'qwen2' || quantization !== 'q4f32_1') {
		throw new UnsupportedLibraryError(
			`The library runs ${modelType} in ${quantization}: qwen2 in q4f32_1 is needed`
		);
	}
	if (params.some(({ name }) => name.startsWith('lm_head'))) {
		throw new UnsupportedLibraryError(
			'The library wants a head of its own: one tied to the embedding is needed'
		);
	}
	const [rows] = shapeOf(library, 'model.embed_tokens.q_weight');
	if (rows !== VOCABULARY_SIZE)
		throw new UnsupportedLibraryError(`The library's vocabulary has ${rows} tokens`);
	const [hidden, words] = shapeOf(library, 'model.layers.0.mlp.down_proj.q_weight');
	return { hidden, width: words * 8 };
}

function sizeOf(param: LibraryParam): number {
	return param.shape.reduce((product, size) => product * size, 4);
}

/** Tensors in their order, as many a shard as fit; a larger one has a shard of its own. */
function shardsOf(params: readonly LibraryParam[]): LibraryParam[][] {
	const shards: LibraryParam[][] = [];
	let room = 0;
	for (const param of params) {
		const size = sizeOf(param);
		const last = shards.at(-1);
		if (last && size <= room) last.push(param);
		else {
			shards.push([param]);
			room = SHARD_BYTES;
		}
		room -= size;
	}
	return shards;
}

/** Writes one shard, a tensor at a time, so that memory never holds more than one. */
async function writeShard(
	folder: string,
	dataPath: string,
	params: readonly LibraryParam[],
	plan: TensorPlan
): Promise<Shard> {
	const hash = createHash('md5');
	const records: ShardRecord[] = [];
	let nbytes = 0;
	await using file = await open(join(folder, dataPath), 'w');
	for (const param of params) {
		const bytes = tensorBytes(param, plan);
		hash.update(bytes);
		await file.writeFile(bytes);
		const { name, shape, dtype } = param;
		records.push({ name, shape, dtype, format: 'raw', nbytes: bytes.length, byteOffset: nbytes });
		nbytes += bytes.length;
	}
	return { dataPath, format: 'raw-shard', nbytes, records, md5sum: hash.digest('hex') };
}

/**
 * Writes an MLC model (about 309 MB) that answers every prompt with `words` into a folder, laid out as
 * on the model hub. The manifest comes last and under both its names, the older and the newer WebLLM's:
 * a folder that has it is whole.
 * @returns the bytes of the weights
 * @throws UnsupportedLibraryError, RecurringWordError, or the file system's error
 */
export async function writeTalkingMlc(folder: string, model: TalkingMlcModel): Promise<number> {
	const { library } = model;
	const { hidden, width } = widthsOf(library);
	const { links, ids, tokenizer } = mlcVocabulary(model.words, model.phrases);
	const plan: TensorPlan = { links, vectors: vectorsOf(ids, hidden), hidden, width };
	await mkdir(folder, { recursive: true });
	const writeJson = (name: string, value: unknown) => writeFile(join(folder, name), JSON.stringify(value));
	await writeJson('tokenizer.json', tokenizer);
	await writeJson('mlc-chat-config.json', mlcChatConfig(library));
	const records: Shard[] = [];
	for (const [index, params] of shardsOf(library.params).entries()) {
		records.push(await writeShard(folder, `params_shard_${index}.bin`, params, plan));
	}
	const ParamBytes = records.reduce((sum, shard) => sum + shard.nbytes, 0);
	const metadata = { ParamSize: library.params.length, ParamBytes, BitsPerParam: 4.5 };
	for (const name of ['ndarray-cache.json', 'tensor-cache.json'])
		await writeJson(name, { metadata, records });
	return ParamBytes;
}
