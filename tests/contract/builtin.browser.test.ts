import { expect, test } from 'vitest';
import { languageModel, TEXT } from '#lib/engine/builtin/api.ts';
import { startThread } from '#lib/engine/builtin/index.ts';
import type { EngineModel } from '#lib/engine/engine.ts';
import { RemoteEngine } from '#lib/engine/remote.ts';
import type { Patience, WorkerLike } from '#lib/engine/thread.ts';
import { SELF_TEST_SENTENCE } from '../../scripts/talking/gguf.ts';
import { describeEngine } from './engine-contract.ts';
import { SelfTestLanguageModel } from './prompt-api.ts';

const api = new SelfTestLanguageModel(512);
const model: EngineModel = { id: 'browser-model', engine: 'builtin', contextWindow: 512 };
const never = (): AbortSignal => new AbortController().signal;

function create(patience: Partial<Patience> = {}, from = () => api as ReturnType<typeof languageModel>) {
	let thread: WorkerLike | undefined;
	const start = (): WorkerLike => (thread = startThread(from));
	return { engine: new RemoteEngine({ kind: 'builtin', start, patience }), kill: () => thread?.terminate() };
}

describeEngine("the browser's own", {
	create: (patience) => create(patience),
	model,
	says: SELF_TEST_SENTENCE,
	counted: [
		['', 0],
		['Hello! This', 2],
		['xyz', 3]
	]
});

test("the browser's own: everything that was begun in the browser is ended with the engine", async () => {
	await expect.poll(() => api.open).toBe(0); // what the tests before this one have closed
	const { engine } = create();
	await engine.load(model, () => undefined, never());
	const params = { temperature: 0, topP: 1, maxTokens: 50 };
	for await (const event of engine.reply([{ role: 'user', text: 'Hi' }], { params, signal: never() }))
		if (event.kind === 'usage') expect(event.usage.reason).toBe('end');
	expect(api.open).toBe(2);
	await engine.unload();
	await expect.poll(() => api.open).toBe(0);
});

test("the browser's own: this browser has the interface and no model, which is told as it is", async () => {
	expect(await languageModel()?.availability(TEXT)).toBe('unavailable');
	const { engine } = create({}, languageModel);
	const load = engine.load(model, () => undefined, never());
	await expect(load).rejects.toMatchObject({ kind: 'no-adapter', message: 'LanguageModel: unavailable' });
});
