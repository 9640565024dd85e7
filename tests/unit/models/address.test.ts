import { describe, expect, test } from 'vitest';
import { findModel } from '#lib/models/address.ts';

const origins = { base: 'https://chat.example/alcove/', allowed: ['https://huggingface.co'] };
const { signal } = new AbortController();
const LIBRARY = 'https://huggingface.co/x/lib.wasm';

/** A network of these files. */
function serving(files: Record<string, () => Response>): typeof fetch {
	return (input) => {
		const url = input instanceof Request ? input.url : String(input);
		return Promise.resolve(files[url]?.() ?? new Response('no', { status: 404 }));
	};
}

function find(url: string, library: string, files: Record<string, () => Response> = {}) {
	return findModel({ url, library }, { fetch: serving(files), origins, signal });
}

describe('a GGUF by its address', () => {
	const part = () =>
		new Response('GGUF1234', { status: 206, headers: { 'content-range': 'bytes 0-7/5000' } });

	test('is listed with its exact size, also by its page on the hub', async () => {
		const files = { 'https://huggingface.co/a/b/resolve/main/my-model.gguf': part };
		const model = await find('https://huggingface.co/a/b/blob/main/my-model.gguf', '', files);
		expect(model).toMatchObject({ name: 'my-model', own: true });
		expect(model.builds[0]).toMatchObject({ engine: 'wllama', bytes: 5000 });
	});

	test('may lie beside the app', async () => {
		const whole = () => new Response('GGUF1234', { headers: { 'content-length': '8' } });
		const model = await find('m.gguf', '', { 'https://chat.example/alcove/m.gguf': whole });
		expect(model.builds[0]).toMatchObject({ url: 'https://chat.example/alcove/m.gguf', bytes: 8 });
	});

	test.each([
		['is not one', () => new Response('<html>'), { kind: 'not-what-was-asked' }],
		['has no size', () => new Response('GGUF1234'), { kind: 'no-size' }],
		['is not there', () => new Response('', { status: 403 }), { kind: 'http', status: 403 }]
	])('that %s is refused', async (_name, answer, failure) => {
		const files = { 'https://chat.example/alcove/m.gguf': answer };
		await expect(find('m.gguf', '', files)).rejects.toMatchObject({ failure });
	});
});

describe('an MLC model by address and library', () => {
	const folder = 'https://huggingface.co/someone/Own-q4f16_1-MLC/resolve/main/';
	const records = [{ dataPath: 'params_shard_0.bin', nbytes: 1000, md5sum: 'ab' }];
	const config = { tokenizer_files: ['tokenizer.json'], quantization: 'q4f16_1', context_window_size: 2048 };
	const files = {
		[`${folder}mlc-chat-config.json`]: () => Response.json(config),
		[`${folder}ndarray-cache.json`]: () => Response.json({ records })
	};

	test('is listed with what its files say', async () => {
		const model = await find('https://huggingface.co/someone/Own-q4f16_1-MLC', LIBRARY, files);
		expect(model).toMatchObject({ name: 'Own-q4f16_1-MLC', contextWindow: 2048 });
		expect(model.builds[0]).toMatchObject({
			engine: 'webllm',
			url: folder,
			library: LIBRARY,
			quantization: 'q4f16_1',
			needs: { f16: true }
		});
	});

	test('without a library is told to need one', async () => {
		await expect(find('https://huggingface.co/someone/Own-MLC', '')).rejects.toMatchObject({
			failure: { kind: 'no-library' }
		});
	});
});

test.each([
	['', '', { kind: 'no-address', field: 'url' }],
	['javascript:1', '', { kind: 'no-address', field: 'url' }],
	['m.gguf', 'ftp://x/y', { kind: 'no-address', field: 'library' }],
	[
		'https://other.example/m.gguf',
		'',
		{ kind: 'foreign-host', host: 'other.example', allowed: ['chat.example', 'huggingface.co'] }
	]
])('the address %j with the library %j is refused before a request', async (url, library, failure) => {
	await expect(find(url, library)).rejects.toMatchObject({ failure });
});
