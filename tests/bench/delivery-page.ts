/** What runs in the page of the delivery bench, without the app: it is put on the window as `deliveryBench`. */
import type { Engine } from '#lib/engine/engine.ts';
import { createEngine } from '#lib/engine/index.ts';
import type { Pin, WllamaBuild } from '#lib/models/catalogue.ts';
import { createDelivery } from '#lib/models/delivery.ts';
import { startDigest } from '#lib/models/digest.ts';
import { startWriter } from '#lib/models/parts/filed.ts';
import { partPlaces } from '#lib/models/parts/index.ts';
import { eraseModels } from '#lib/models/usage.ts';

/** As a lock file has it. */
export interface BenchFile extends Pin {
	url: string;
}

const delivery = createDelivery({
	caches,
	parts: partPlaces({
		caches,
		root: () => navigator.storage.getDirectory(),
		startWriter: () => Promise.resolve(startWriter())
	}),
	fetch: (...input) => fetch(...input),
	startDigest: () => Promise.resolve(startDigest()),
	base: new URL('/', location.href).href,
	storage: navigator.storage,
	locks: navigator.locks
});
const never = new AbortController().signal;

const buildOf = (file: BenchFile): WllamaBuild => ({
	...{ id: 'bench', engine: 'wllama', quantization: 'GGUF', needs: {}, memory: 1 },
	...file
});

/** Takes away what was stored before. */
async function forget(): Promise<void> {
	await caches.delete('plain');
	await eraseModels({ caches, root: () => navigator.storage.getDirectory() });
}

/** Milliseconds of the least that anyone would do: fetch it into a cache, unchecked. */
async function plain({ url }: BenchFile): Promise<number> {
	const start = performance.now();
	const cache = await caches.open('plain');
	await cache.put(url, await fetch(url, { cache: 'no-store' }));
	return performance.now() - start;
}

/** Milliseconds of our delivery of the same, verified. */
async function ours(file: BenchFile): Promise<number> {
	const start = performance.now();
	await delivery.download(buildOf(file), { signal: never });
	return performance.now() - start;
}

/** Puts the file where an engine of this kind keeps its own: into the private file system. */
async function keepAsTheEngine({ url }: BenchFile): Promise<void> {
	const folder = await navigator.storage.getDirectory();
	const writable = await (await folder.getFileHandle('own.gguf', { create: true })).createWritable();
	await (await fetch(url)).body?.pipeTo(writable);
}

/** Milliseconds until a new engine has loaded the file from our store, or from the engine's own. */
async function load(file: BenchFile, from: 'ours' | 'own'): Promise<number> {
	const engine: Engine = await createEngine('wllama');
	try {
		const start = performance.now();
		const weights = from === 'ours' ? await delivery.open(buildOf(file)) : [await own()];
		const model = { engine: 'wllama', id: 'bench', contextWindow: 512, weights } as const;
		await engine.load(model, () => undefined, never);
		return performance.now() - start;
	} finally {
		await engine.unload();
	}
}

async function own(): Promise<Blob> {
	const folder = await navigator.storage.getDirectory();
	return (await folder.getFileHandle('own.gguf')).getFile();
}

const deliveryBench = { forget, plain, ours, keepAsTheEngine, load };
export type DeliveryBench = typeof deliveryBench;
Object.assign(window, { deliveryBench });
