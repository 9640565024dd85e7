/** What runs in the page, to make up for what this check differs in from a person's device. */

/**
 * The older WebLLM asks its cache for the manifest under the name that it had then. The file itself
 * was fetched and checked by the app.
 */
export async function nameManifestAsBefore(): Promise<void> {
	const cache = await caches.open('webllm/model');
	for (const { url } of await cache.keys()) {
		if (!url.endsWith('/tensor-cache.json')) continue;
		const manifest = await cache.match(url);
		if (manifest) await cache.put(url.replace('/tensor-cache.json', '/ndarray-cache.json'), manifest);
	}
}

/**
 * The app gives an engine up that is silent for minutes. A GPU made of two busy cores may be: here
 * every wait of a minute or more is ten times as long.
 */
export function bePatient(): void {
	const start = globalThis.setTimeout.bind(globalThis);
	const patient = (run: (...input: unknown[]) => void, ms = 0, ...input: unknown[]) =>
		start(run, ms >= 60_000 ? ms * 10 : ms, ...input);
	Object.assign(globalThis, { setTimeout: patient });
}
