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
