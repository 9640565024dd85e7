/** What runs in the page of the throughput bench, without the app: it is put on the window as `engineBench`. */
import type { Engine, EngineModel, GenerationParams, Turn } from '#lib/engine/engine.ts';
import { createEngine } from '#lib/engine/index.ts';
import { createRenderer, prepare } from '#lib/text/renderer.ts';
import '#lib/text/text.css';
import type { PullReply, PullRequest } from './engine-pull.worker.ts';

const labels = { copy: 'Copy', copied: 'Copied', code: 'Code', table: 'Table', formula: 'Formula' };

let engine: Engine | undefined;
let model: EngineModel | undefined;
let puller: Worker | undefined;

/** Fetches the model that both ways of driving it use. */
async function load(url: string, pace: number): Promise<void> {
	const weights = [await (await fetch(url)).blob()];
	model = { engine: 'wllama', id: 'speaker', contextWindow: 4_096, pace, weights };
	engine = await createEngine('wllama');
	await engine.load(model, () => undefined, new AbortController().signal);
	puller = new Worker(new URL('./engine-pull.worker.ts', import.meta.url), { type: 'module' });
	await pull({ kind: 'load', model });
	await prepare();
}

/** Milliseconds from the first words to the end, nothing being drawn. */
async function bare(turns: Turn[], params: GenerationParams): Promise<number> {
	if (!engine) throw new Error('no model is loaded');
	let first: number | undefined;
	const { signal } = new AbortController();
	for await (const event of engine.reply(turns, { params, signal }))
		if (event.kind === 'delta') first ??= performance.now();
	return performance.now() - (first ?? NaN);
}

function pull(request: PullRequest): Promise<string | null> {
	return new Promise((resolve, reject) => {
		if (!puller) return reject(new Error('no model is loaded'));
		puller.onmessage = ({ data }: MessageEvent<PullReply>) => resolve(data.text);
		puller.onerror = (event) => reject(new Error(event.message));
		puller.postMessage(request);
	});
}

/** The same with each token asked for by the page, which draws it with Alcove's renderer. */
async function pulled(turns: Turn[], params: GenerationParams): Promise<number> {
	const host = document.querySelector('main');
	if (!host) throw new Error('the page has no place for an answer');
	host.replaceChildren();
	const renderer = createRenderer(host, { labels, onCopy: async () => {} });
	await pull({ kind: 'start', turns, params });
	let text = '';
	let first: number | undefined;
	for (let token = await pull({ kind: 'next' }); token !== null; token = await pull({ kind: 'next' })) {
		first ??= performance.now();
		text += token;
		renderer.update(text, false);
		host.getBoundingClientRect();
	}
	renderer.update(text, true);
	return performance.now() - (first ?? NaN);
}

const engineBench = { load, bare, pulled };
export type EngineBench = typeof engineBench;
Object.assign(window, { engineBench });
