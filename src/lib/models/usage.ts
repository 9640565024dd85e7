/** All models of this device together: how much room they take, and the end of them. */
import { CONFIG_CACHE, LIBRARY_CACHE, MODEL_CACHE, OWN_CACHE } from './files.ts';
import { erasePartFiles, partFileBytes, type Root } from './parts/filed.ts';

const ALL = [CONFIG_CACHE, LIBRARY_CACHE, MODEL_CACHE, OWN_CACHE];

/** What this browser keeps models in. */
export interface ModelStorage {
	caches: CacheStorage;
	root: Root;
}

/** The bytes that models take, parts of unfinished downloads too. */
export async function modelBytes({ caches, root }: ModelStorage): Promise<number> {
	let sum = await partFileBytes(root);
	for (const name of ALL) {
		if (!(await caches.has(name))) continue;
		const cache = await caches.open(name);
		for (const request of await cache.keys()) {
			// one body at a time: a Blob of a cached response stays on the disk
			sum += (await (await cache.match(request))?.blob())?.size ?? 0;
		}
	}
	return sum;
}

/** Takes every model off this device. */
export async function eraseModels({ caches, root }: ModelStorage): Promise<void> {
	await erasePartFiles(root);
	for (const name of ALL) await caches.delete(name);
}
