/**
 * The device's side of delivery. A file arrives in parts, which are entries of their own in our cache and
 * survive a crash; only a whole and checked file gets the key under which its engine looks for it.
 */
import { DeliveryError } from './errors.ts';
import { OWN_CACHE, type ModelFile, type WebllmFile } from './files.ts';

/** A stretch of a file that has arrived. */
export interface Part {
	/** Key of its entry. */
	key: string;
	/** Offset of its first byte in the file. */
	from: number;
	bytes: number;
	/** The server's ETag for the file it is a part of, or "" where it gave none. */
	tag: string;
}

const FROM = 'alcove-from';
const BYTES = 'alcove-bytes';
const TAG = 'alcove-tag';
/** Entry that stands for a whole file kept in parts; its body names nothing, its header the size. */
const WHOLE = 'alcove-whole';

export class ModelStore {
	readonly #caches: CacheStorage;

	constructor(caches: CacheStorage) {
		this.#caches = caches;
	}

	/** The contiguous parts from the file's start. What lies behind a gap, or beside it, is deleted. */
	async parts(file: ModelFile): Promise<Part[]> {
		const cache = await this.#open(OWN_CACHE);
		const found = await partsIn(cache, file.key);
		const chain: Part[] = [];
		for (const part of found) {
			if (part.from === end(chain) && part.tag === (chain[0] ?? part).tag) chain.push(part);
			else await cache.delete(part.key);
		}
		return chain;
	}

	/**
	 * Keeps one stretch of a file.
	 * @throws DeliveryError quota
	 */
	async addPart(file: ModelFile, from: number, tag: string, data: Blob): Promise<Part> {
		const key = partKey(file.key, { [FROM]: String(from), [BYTES]: String(data.size), [TAG]: tag });
		await this.#put(OWN_CACHE, key, new Response(data), data.size);
		return { key, from, bytes: data.size, tag };
	}

	async dropParts(file: ModelFile): Promise<void> {
		const cache = await this.#open(OWN_CACHE);
		for (const { key } of await partsIn(cache, file.key)) await cache.delete(key);
	}

	/** The parts' bytes in order, as one Blob that the browser keeps on disk. */
	async read(parts: Part[]): Promise<Blob> {
		const cache = await this.#open(OWN_CACHE);
		const blobs = await Promise.all(
			parts.map(async ({ key }) => {
				const response = await cache.match(key);
				if (!response) throw gone(key);
				return response.blob();
			})
		);
		return new Blob(blobs);
	}

	/** Makes the file of its parts: from now on it is complete. */
	async finish(file: ModelFile, parts: Part[]): Promise<void> {
		const bytes = end(parts);
		if (file.keep === 'parts') {
			const mark = new Response(null, { headers: lengthHeader(bytes) });
			await this.#put(OWN_CACHE, wholeKey(file), mark, 0);
			return;
		}
		const headers = { ...lengthHeader(bytes), 'content-type': mime(file) };
		await this.#put(file.keep, file.key, new Response(await this.read(parts), { headers }), bytes);
		await this.dropParts(file);
	}

	/** The size of a complete file in bytes, or undefined where it is not complete. */
	async size(file: ModelFile): Promise<number | undefined> {
		if (file.keep !== 'parts') {
			const response = await this.#match(file.keep, file.key);
			return response && (lengthOf(response) ?? file.bytes ?? file.estimate);
		}
		const mark = await this.#match(OWN_CACHE, wholeKey(file));
		const bytes = mark && lengthOf(mark);
		return bytes !== undefined && end(await this.parts(file)) === bytes ? bytes : undefined;
	}

	/** The bytes of a complete file, or undefined. */
	async open(file: ModelFile): Promise<Blob | undefined> {
		if ((await this.size(file)) === undefined) return undefined;
		if (file.keep === 'parts') return this.read(await this.parts(file));
		return (await this.#match(file.keep, file.key))?.blob();
	}

	async remove(file: ModelFile): Promise<void> {
		await this.dropParts(file);
		if (file.keep === 'parts') await (await this.#open(OWN_CACHE)).delete(wholeKey(file));
		else await (await this.#open(file.keep)).delete(file.key);
	}

	/** Whether nothing is left in one of WebLLM's caches. */
	async isEmpty(name: WebllmFile['keep']): Promise<boolean> {
		return (await (await this.#open(name)).keys()).length === 0;
	}

	async clear(name: WebllmFile['keep']): Promise<void> {
		await this.#caches.delete(name);
	}

	/** A short note kept beside the models, or undefined. */
	async note(key: string): Promise<string | undefined> {
		return (await this.#match(OWN_CACHE, key))?.text();
	}

	async setNote(key: string, text: string): Promise<void> {
		await this.#put(OWN_CACHE, key, new Response(text), text.length);
	}

	async #match(name: string, key: string): Promise<Response | undefined> {
		return (await this.#open(name)).match(key);
	}

	async #put(name: string, key: string, response: Response, bytes: number): Promise<void> {
		const cache = await this.#open(name);
		try {
			await cache.put(key, response);
		} catch (error) {
			if (error instanceof DOMException && error.name === 'QuotaExceededError')
				throw new DeliveryError({ kind: 'quota', needed: bytes, free: undefined }, { cause: error });
			throw new DeliveryError({ kind: 'no-storage', detail: String(error) }, { cause: error });
		}
	}

	async #open(name: string): Promise<Cache> {
		try {
			return await this.#caches.open(name);
		} catch (error) {
			throw new DeliveryError({ kind: 'no-storage', detail: String(error) }, { cause: error });
		}
	}
}

/** Where the parts end, in bytes. */
export function end(parts: Part[]): number {
	const last = parts.at(-1);
	return last ? last.from + last.bytes : 0;
}

async function partsIn(cache: Cache, fileKey: string): Promise<Part[]> {
	const requests = await cache.keys(fileKey, { ignoreSearch: true });
	return requests
		.map(({ url }) => parsePart(url, fileKey))
		.filter((part) => part !== undefined)
		.sort((a, b) => a.from - b.from || b.bytes - a.bytes);
}

function parsePart(key: string, fileKey: string): Part | undefined {
	const url = new URL(key);
	const [from, bytes, tag] = [FROM, BYTES, TAG].map((name) => url.searchParams.get(name));
	if (from == null || bytes == null || tag == null) return undefined;
	if (partKey(fileKey, { [FROM]: from, [BYTES]: bytes, [TAG]: tag }) !== key) return undefined;
	return { key, from: Number(from), bytes: Number(bytes), tag };
}

function partKey(fileKey: string, names: Record<string, string>): string {
	const url = new URL(fileKey);
	for (const [name, value] of Object.entries(names)) url.searchParams.append(name, value);
	return url.href;
}

function wholeKey(file: ModelFile): string {
	return partKey(file.key, { [WHOLE]: '' });
}

function lengthHeader(bytes: number): Record<string, string> {
	return { 'content-length': String(bytes) };
}

function lengthOf(response: Response): number | undefined {
	const header = response.headers.get('content-length');
	return header === null ? undefined : Number(header);
}

function mime(file: ModelFile): string {
	if (file.content === 'json') return 'application/json';
	return file.content === 'wasm' ? 'application/wasm' : 'application/octet-stream';
}

function gone(key: string): DeliveryError {
	return new DeliveryError({ kind: 'no-storage', detail: `${key} was deleted meanwhile` });
}
