/// <reference types="@webgpu/types" />
/**
 * Runs in the page. The older WebLLM asks its cache for the manifest under the name that it had then;
 * the file itself was fetched and checked by the app.
 */
export async function nameManifestAsBefore(): Promise<void> {
	const cache = await caches.open('webllm/model');
	for (const { url } of await cache.keys()) {
		if (!url.endsWith('/tensor-cache.json')) continue;
		const manifest = await cache.match(url);
		if (manifest) await cache.put(url.replace('/tensor-cache.json', '/ndarray-cache.json'), manifest);
	}
}

/** A call of the engine to its device, and the how-manieth from now on. */
export interface Blow {
	at: 'createBuffer' | 'createCommandEncoder';
	call: number;
}

/** Runs in the engine's worker. Just before this call of the engine its device is destroyed, as it may be any time. */
export function destroyDevice({ at, call }: Blow): void {
	const own = GPUDevice.prototype[at] as (this: GPUDevice, ...given: unknown[]) => unknown;
	let calls = 0;
	const struck = function (this: GPUDevice, ...given: unknown[]): unknown {
		if (++calls === call) this.destroy();
		return own.apply(this, given);
	};
	Object.assign(GPUDevice.prototype, { [at]: struck });
}
