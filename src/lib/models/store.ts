/**
 * The device's side of delivery. A file arrives in parts, which are entries of their own in our cache and
 * survive a crash; only a whole and checked file gets the key under which its engine looks for it.
 */
import { DeliveryError } from './errors.ts';
import { CONFIG_CACHE, LIBRARY_CACHE, MODEL_CACHE, OWN_CACHE, type ModelFile } from './files.ts';

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
	parts(file: ModelFile): Promise<Part[]> {
		return this.#use(OWN_CACHE, async (cache) => {
			const chain: Part[] = [];
			for (const part of await partsIn(cache, file.key)) {
				if (part.from === end(chain) && part.tag === (chain[0] ?? part).tag) chain.push(part);
				else await cache.delete(part.key);
			}
			return chain;
		});
	}

	/**
	 * Keeps one stretch of a file.
	 * @throws DeliveryError quota, no-storage
	 */
	async addPart(file: ModelFile, from: number, tag: string, data: Uint8Array<ArrayBuffer>): Promise<Part> {
		const bytes = data.length;
		const key = partKey(file.key, { [FROM]: String(from), [BYTES]: String(bytes), [TAG]: tag });
		await this.#put(OWN_CACHE, key, new Response(data), bytes);
		return { key, from, bytes, tag };
	}

	dropParts(file: ModelFile): Promise<void> {
		return this.#use(OWN_CACHE, async (cache) => {
			for (const { key } of await partsIn(cache, file.key)) await cache.delete(key);
		});
	}

	/** The parts' bytes in order, as one Blob that the browser keeps on disk. */
	read(parts: Part[]): Promise<Blob> {
		return this.#use(OWN_CACHE, async (cache) => {
			const responses = await Promise.all(parts.map(({ key }) => cache.match(key)));
			return new Blob(await Promise.all(responses.map((response, index) => bodyOf(response, parts[index]))));
		});
	}

	/** Makes the file of its parts: from now on it is complete. */
	async finish(file: ModelFile, parts: Part[]): Promise<void> {
		const bytes = end(parts);
		if (file.keep === 'parts') {
			await this.#put(OWN_CACHE, wholeKey(file), new Response(null, { headers: lengthHeader(bytes) }), 0);
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
		const [name, key] = file.keep === 'parts' ? [OWN_CACHE, wholeKey(file)] : [file.keep, file.key];
		await this.#use(name, (cache) => cache.delete(key));
	}

	/** Removes whatever lies below the URL of a folder, also what no manifest names any more. */
	async removeFolder(url: string): Promise<void> {
		for (const name of [CONFIG_CACHE, MODEL_CACHE, OWN_CACHE])
			await this.#use(name, async (cache) => {
				for (const request of await cache.keys())
					if (request.url.startsWith(url)) await cache.delete(request);
			});
	}

	/** Removes the libraries once no model is left that could need one: they are shared. */
	async removeUnusedLibraries(): Promise<void> {
		const configs = await this.#use(CONFIG_CACHE, (cache) => cache.keys());
		if (configs.length === 0) await this.#caches.delete(LIBRARY_CACHE);
	}

	/** A short note kept beside the models, or undefined. */
	async note(key: string): Promise<string | undefined> {
		return (await this.#match(OWN_CACHE, key))?.text();
	}

	async setNote(key: string, text: string): Promise<void> {
		await this.#put(OWN_CACHE, key, new Response(text), text.length);
	}

	#match(name: string, key: string): Promise<Response | undefined> {
		return this.#use(name, (cache) => cache.match(key));
	}

	#put(name: string, key: string, response: Response, bytes: number): Promise<void> {
		return this.#use(name, (cache) => cache.put(key, response), bytes);
	}

	/** Works on a cache; what the browser cannot or will not do becomes a named error. */
	async #use<T>(name: string, work: (cache: Cache) => Promise<T>, needed = 0): Promise<T> {
		try {
			return await work(await this.#caches.open(name));
		} catch (error) {
			if (error instanceof DeliveryError) throw error;
			if (error instanceof DOMException && error.name === 'QuotaExceededError')
				throw new DeliveryError({ kind: 'quota', needed, free: undefined }, { cause: error });
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

function bodyOf(response: Response | undefined, part: Part | undefined): Promise<Blob> {
	if (response) return response.blob();
	throw new DeliveryError({ kind: 'no-storage', detail: `${part?.key ?? 'a part'} was deleted meanwhile` });
}
