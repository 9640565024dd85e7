import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { EngineModel } from '#lib/engine/engine.ts';
import { RemoteEngine } from '#lib/engine/remote.ts';
import { startWorker } from '#lib/engine/webllm/index.ts';
import { describeEngine } from './engine-contract.ts';

/** Nobody listens there: a request would fail as such, and not as a missing file. */
const FOLDER = 'http://127.0.0.1:9/someone/model/resolve/main/';
const LIBRARY = 'http://127.0.0.1:9/library.wasm';

const TEMPLATE = {
	system_template: '<|im_start|>system\n{system_message}<|im_end|>\n',
	system_message: 'You are a helpful assistant.',
	roles: { user: '<|im_start|>user', assistant: '<|im_start|>assistant' },
	role_templates: { user: '{user_message}', assistant: '{assistant_message}', tool: '{tool_message}' },
	role_content_sep: '\n',
	role_empty_sep: '\n',
	seps: ['<|im_end|>\n'],
	stop_str: ['<|im_end|>'],
	stop_token_ids: [2]
};

function configOf(quantization: string): Blob {
	const config = {
		quantization,
		conv_template: TEMPLATE,
		tokenizer_files: ['tokenizer.json'],
		vocab_size: 8
	};
	return new Blob([JSON.stringify(config)]);
}

const kept: (() => Promise<boolean>)[] = [];

/** Keeps a file as WebLLM would, until the end of the test; other tests may use the same caches. */
async function put(cacheName: string, url: string, body: Blob): Promise<void> {
	const cache = await caches.open(cacheName);
	await cache.put(url, new Response(body));
	kept.push(() => cache.delete(url));
}

const model: EngineModel = { id: 'm', engine: 'webllm', contextWindow: 512, url: FOLDER, library: LIBRARY };

async function load(wanted: EngineModel = model): Promise<unknown> {
	const engine = new RemoteEngine({ kind: 'webllm', start: startWorker });
	try {
		return await engine.load(wanted, () => undefined, new AbortController().signal);
	} finally {
		engine.close();
	}
}

afterEach(async () => {
	for (const remove of kept.splice(0)) await remove();
});

describe('WebLLM, without a library', () => {
	test('a model of 16-bit floats is refused before it is loaded where the GPU has none', async () => {
		const adapter = await navigator.gpu.requestAdapter();
		expect(adapter?.features.has('shader-f16')).toBe(false); // this is the software GPU of the tests
		await put('webllm/config', `${FOLDER}mlc-chat-config.json`, configOf('q4f16_1'));
		await expect(load()).rejects.toMatchObject({ kind: 'no-f16' });
	});

	test('a missing config is an integrity error that names it', async () => {
		const message = expect.stringContaining(`${FOLDER}mlc-chat-config.json`) as string;
		await expect(load()).rejects.toMatchObject({ kind: 'integrity', message });
	});

	test('a broken config is an integrity error that names it', async () => {
		await put('webllm/config', `${FOLDER}mlc-chat-config.json`, new Blob(['<!doctype html>']));
		const message = expect.stringContaining('mlc-chat-config.json') as string;
		await expect(load()).rejects.toMatchObject({ kind: 'integrity', message });
	});

	test('a missing library is not fetched, but an integrity error that names it', async () => {
		await put('webllm/config', `${FOLDER}mlc-chat-config.json`, configOf('q4f32_1'));
		const message = `${LIBRARY} is missing on this device`;
		await expect(load()).rejects.toMatchObject({ kind: 'integrity', message });
		const local = 'http://localhost:9/library.wasm'; // which the library fetches without a look at its cache
		await expect(load({ ...model, library: local })).rejects.toMatchObject({
			kind: 'integrity',
			message: `${local} is missing on this device`
		});
	});

	test('a model at a plain URL is found under its own keys', async () => {
		const url = 'http://127.0.0.1:9/mirror/model/';
		await put('webllm/config', `${url}mlc-chat-config.json`, configOf('q4f32_1'));
		await expect(load({ ...model, url })).rejects.toMatchObject({
			kind: 'integrity',
			message: `${LIBRARY} is missing on this device`
		});
	});

	test('a library that is none is an integrity error', async () => {
		await put('webllm/config', `${FOLDER}mlc-chat-config.json`, configOf('q4f32_1'));
		await put('webllm/wasm', LIBRARY, new Blob(['<!doctype html>']));
		await expect(load()).rejects.toMatchObject({ kind: 'integrity' });
	});

	test('closing it in the middle of a load is worker-lost', async () => {
		await put('webllm/config', `${FOLDER}mlc-chat-config.json`, configOf('q4f32_1'));
		const engine = new RemoteEngine({ kind: 'webllm', start: startWorker });
		const loading = engine.load(model, () => undefined, new AbortController().signal);
		engine.close();
		await expect(loading).rejects.toMatchObject({ kind: 'worker-lost' });
	});
});

/** Puts the model that engine-webllm.config.ts serves where the engine looks for it. */
async function keepTalkingModel(url: string): Promise<void> {
	const copy = async (cache: string, name: string): Promise<unknown> => {
		const served = await fetch(`/webllm-contract/${name}`);
		if (!served.ok) throw new Error(`${name}: ${served.status}`);
		await (await caches.open(cache)).put(url + name, served.clone());
		return name.endsWith('.json') ? served.json() : undefined;
	};
	await copy('webllm/config', 'mlc-chat-config.json');
	await copy('webllm/wasm', 'library.wasm');
	await copy('webllm/model', 'tokenizer.json');
	await copy('webllm/model', 'tensor-cache.json');
	const manifest = (await copy('webllm/model', 'ndarray-cache.json')) as { records: { dataPath: string }[] };
	for (const { dataPath } of manifest.records) await copy('webllm/model', dataPath);
}

const says = import.meta.env['WEBLLM_SAYS'] as string | undefined;

if (says === undefined) {
	test.skip('WebLLM, with a library: WEBLLM_LIB names none (see engine-webllm.config.ts)', () => undefined);
} else {
	const talking: EngineModel = {
		id: 'talking',
		engine: 'webllm',
		contextWindow: 256,
		url: 'http://127.0.0.1:9/talking/',
		library: 'http://127.0.0.1:9/talking/library.wasm'
	};
	beforeAll(() => keepTalkingModel(talking.url));
	describeEngine('WebLLM', {
		create(patience = {}) {
			let worker: Worker | undefined;
			const start = (): Worker => (worker = startWorker());
			return {
				engine: new RemoteEngine({ kind: 'webllm', start, patience: { load: 600_000, ...patience } }),
				kill: () => worker?.terminate()
			};
		},
		model: talking,
		says,
		damaged: { ...talking, url: 'http://127.0.0.1:9/nothing/' },
		counted: [
			['', 0],
			['Hello there', 2],
			['xyz', 3],
			['<|im_end|>', 1]
		]
	});
}
