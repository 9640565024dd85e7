import { expect, test } from 'vitest';
import type { EngineModel } from '#lib/engine/engine.ts';
import { RemoteEngine } from '#lib/engine/remote.ts';
import type { Patience } from '#lib/engine/thread.ts';
import { startWorker } from '#lib/engine/wllama/index.ts';
import { SELF_TEST_SENTENCE, writeSelfTestGguf } from '../../scripts/talking/gguf.ts';
import { describeEngine, type Subject } from './engine-contract.ts';

const bytes = writeSelfTestGguf();

function modelOf(...weights: Blob[]): EngineModel {
	return { id: 'self-test', engine: 'wllama', contextWindow: 512, weights };
}

function create(patience: Partial<Patience> = {}): ReturnType<Subject['create']> {
	let worker: Worker | undefined;
	const start = (): Worker => (worker = startWorker());
	return {
		engine: new RemoteEngine({ kind: 'wllama', start, patience }),
		kill: () => worker?.terminate()
	};
}

describeEngine('wllama', {
	create,
	model: modelOf(new Blob([bytes])),
	says: SELF_TEST_SENTENCE,
	damaged: modelOf(new Blob([bytes.slice(0, bytes.length / 2)])),
	counted: [
		['', 0],
		['Hello! This', 2],
		['xyz', 3],
		['é\n', 3],
		['<|im_end|>', 1]
	]
});

test('wllama: a file that is no GGUF at all is an integrity error', async () => {
	const { engine } = create();
	const model = modelOf(new Blob(['<!doctype html><title>Sign in to this network</title>']));
	await expect(engine.load(model, () => undefined, new AbortController().signal)).rejects.toMatchObject({
		kind: 'integrity'
	});
	engine.close();
});

test('wllama: a context that does not fit into memory is an out-of-memory error', async () => {
	const { engine } = create();
	const model: EngineModel = { ...modelOf(new Blob([bytes])), contextWindow: 30_000_000 };
	await expect(engine.load(model, () => undefined, new AbortController().signal)).rejects.toMatchObject({
		kind: 'out-of-memory'
	});
	engine.close();
});

test('wllama: says how many threads really run', async () => {
	const { engine } = create();
	const loaded = await engine.load(modelOf(new Blob([bytes])), () => undefined, new AbortController().signal);
	expect(loaded.device).toBe('cpu');
	const threads = crossOriginIsolated ? Math.floor(navigator.hardwareConcurrency / 2) : 1;
	expect(Number(loaded.detail)).toBe(Math.max(1, threads));
	engine.close();
});

test('wllama: a browser without JSPI is given the other build, from our own origin', async () => {
	const start = (): Worker =>
		new Worker(new URL('./engine-compat.worker.ts', import.meta.url), { type: 'module' });
	const engine = new RemoteEngine({ kind: 'wllama', start });
	await engine.load(modelOf(new Blob([bytes])), () => undefined, new AbortController().signal);
	let text = '';
	const params = { temperature: 0, topP: 1, maxTokens: 100 };
	for await (const event of engine.reply([{ role: 'user', text: 'Hi' }], {
		params,
		signal: new AbortController().signal
	}))
		if (event.kind === 'delta') text += event.text;
	expect(text).toBe(SELF_TEST_SENTENCE);
	expect(await engine.countTokens(['Hello!'])).toEqual([1]);
	engine.close();
});

test('wllama: code of its own that cannot be fetched is a download error, not a wait', async () => {
	const start = (): Worker =>
		new Worker(new URL('./engine-offline.worker.ts', import.meta.url), { type: 'module' });
	const engine = new RemoteEngine({ kind: 'wllama', start });
	const loading = engine.load(modelOf(new Blob([bytes])), () => undefined, new AbortController().signal);
	await expect(loading).rejects.toMatchObject({
		kind: 'download',
		message: expect.stringContaining('.wasm') as string
	});
});
