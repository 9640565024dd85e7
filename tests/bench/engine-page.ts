/** What runs in the page of the throughput bench, without the app: it is put on the window as `engineBench`. */
import DOMPurify from 'dompurify';
import { marked } from 'marked';
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

/** Shows an answer so far. */
type Draw = (text: string) => void;

/** Draws as pages do whose library has no stream: the whole answer anew. */
function drawAnew(host: HTMLElement): Draw {
	return (text) => {
		host.innerHTML = DOMPurify.sanitize(marked.parse(text, { async: false, gfm: true }));
	};
}

function drawOn(host: HTMLElement): Draw {
	const renderer = createRenderer(host, { labels, onCopy: async () => {} });
	return (text) => renderer.update(text, false);
}

/** The same with each token asked for by the page, which draws it before it asks for the next. */
async function pulled(how: 'on' | 'anew', turns: Turn[], params: GenerationParams): Promise<number> {
	const host = document.querySelector('main');
	if (!host) throw new Error('the page has no place for an answer');
	host.replaceChildren();
	const draw = how === 'on' ? drawOn(host) : drawAnew(host);
	await pull({ kind: 'start', turns, params });
	let text = '';
	let first: number | undefined;
	for (let token = await pull({ kind: 'next' }); token !== null; token = await pull({ kind: 'next' })) {
		first ??= performance.now();
		text += token;
		draw(text);
		host.getBoundingClientRect();
	}
	return performance.now() - (first ?? NaN);
}

const engineBench = {
	load,
	bare,
	/** Asked for by a page that draws with Alcove's renderer. */
	pulledOn: (turns: Turn[], params: GenerationParams) => pulled('on', turns, params),
	/** Asked for by a page that draws the whole answer at each token. */
	pulledAnew: (turns: Turn[], params: GenerationParams) => pulled('anew', turns, params)
};
export type EngineBench = typeof engineBench;
Object.assign(window, { engineBench });
