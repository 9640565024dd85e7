import { describe, expect, test } from 'vitest';
import { LibraryMetadataError, readLibraryMetadata } from '../../../scripts/talking/library.ts';

const metadata = {
	quantization: 'q4f32_1',
	model_type: 'qwen2',
	context_window_size: 4096,
	prefill_chunk_size: 1024,
	params: [{ name: 'a {"brace\\', shape: [2, 3], dtype: 'uint32', preprocs: [] }],
	memory_usage: { decode: 1 }
};

/** A library as far as its reader sees: a JSON text between other bytes. */
function library(content: unknown): Uint8Array {
	return Buffer.concat([
		Buffer.from([0, 0x61, 0x73, 0x6d, 0xff, 0x7b, 0x7d]),
		Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
		Buffer.from([0, 0x7d, 0x22, 0xfe])
	]);
}

describe("a library's metadata", () => {
	test('are found among the bytes around them', () => {
		expect(readLibraryMetadata(library(metadata))).toEqual({
			modelType: 'qwen2',
			quantization: 'q4f32_1',
			contextWindow: 4096,
			prefillChunk: 1024,
			params: [{ name: 'a {"brace\\', shape: [2, 3], dtype: 'uint32' }]
		});
	});

	const broken: [string, unknown, RegExp][] = [
		['absent', 'nothing here', /no model library/],
		['cut short', '{"model_type": "qwen2", "memory_usage": {"', /no end/],
		['no JSON', '{"model_type": qwen2}', /no JSON/],
		['without a context window', { ...metadata, context_window_size: -1 }, /context_window_size/],
		['without a list of parameters', { ...metadata, params: {} }, /params/],
		[
			'with a type of tensor that is unknown',
			{ ...metadata, params: [{ name: 'half', shape: [1], dtype: 'float16' }] },
			/half is of type float16/
		],
		['with an empty shape', { ...metadata, params: [{ name: 'flat', shape: [0], dtype: 'uint32' }] }, /flat/]
	];
	test.each(broken)('are refused where they are %s', (_, content, message) => {
		const read = () => readLibraryMetadata(library(content));
		expect(read).toThrow(LibraryMetadataError);
		expect(read).toThrow(message);
	});
});
