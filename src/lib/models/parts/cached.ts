/** Parts as entries of a cache: for browsers without a private file system, and of versions that knew no other. */
import type { PartSums } from '../catalogue.ts';
import { OWN_CACHE } from '../files.ts';
import { firstWrong } from '../digest.ts';
import type { Added, PartName, PartPlace } from './place.ts';

const FROM = 'alcove-from';
const BYTES = 'alcove-bytes';
const TAG = 'alcove-tag';

export class CachedParts implements PartPlace {
	readonly #caches: CacheStorage;

	constructor(caches: CacheStorage) {
		this.#caches = caches;
	}

	async list(fileKey: string): Promise<PartName[]> {
		const requests = await (await this.#cache()).keys(fileKey, { ignoreSearch: true });
		return requests.map(({ url }) => parse(url, fileKey)).filter((part) => part !== undefined);
	}

	async add(fileKey: string, name: PartName, data: Uint8Array<ArrayBuffer>, sums?: PartSums): Promise<Added> {
		const wrong = sums && (await firstWrong(data, sums));
		if (wrong) return { buffer: data.buffer, wrong };
		await (await this.#cache()).put(keyOf(fileKey, name), new Response(data));
		return { buffer: data.buffer };
	}

	/** Each entry of a cache is by itself. */
	settle(): Promise<void> {
		return Promise.resolve();
	}

	async read(fileKey: string, names: readonly PartName[]): Promise<(Blob | undefined)[]> {
		const cache = await this.#cache();
		return Promise.all(names.map(async (name) => (await cache.match(keyOf(fileKey, name)))?.blob()));
	}

	async delete(fileKey: string, name: PartName): Promise<void> {
		await (await this.#cache()).delete(keyOf(fileKey, name));
	}

	async deleteBelow(url: string): Promise<void> {
		const cache = await this.#cache();
		for (const request of await cache.keys()) if (request.url.startsWith(url)) await cache.delete(request);
	}

	#cache(): Promise<Cache> {
		return this.#caches.open(OWN_CACHE);
	}
}

function parse(key: string, fileKey: string): PartName | undefined {
	const url = new URL(key);
	const [from, bytes, tag] = [FROM, BYTES, TAG].map((name) => url.searchParams.get(name));
	if (from == null || bytes == null || tag == null) return undefined;
	const name = { from: Number(from), bytes: Number(bytes), tag };
	return keyOf(fileKey, name) === key ? name : undefined;
}

function keyOf(fileKey: string, { from, bytes, tag }: PartName): string {
	const url = new URL(fileKey);
	for (const [name, value] of [
		[FROM, from],
		[BYTES, bytes],
		[TAG, tag]
	] as const)
		url.searchParams.append(name, String(value));
	return url.href;
}
