/**
 * The device's side of delivery. A file arrives in parts, which are kept one by one and survive a crash; only a
 * whole and checked file gets the key under which its engine looks for it.
 */
import type { PartSums } from './catalogue.ts';
import { DeliveryError } from './errors.ts';
import { type Added, end, type Part, type PartName, type PartPlace } from './parts/place.ts';
import { CONFIG_CACHE, LIBRARY_CACHE, MODEL_CACHE, OWN_CACHE, type ModelFile } from './files.ts';

/** Entry that stands for a whole file kept in parts; its body names nothing, its header the size. */
const WHOLE = 'alcove-whole';

/** Where parts are looked for, the first of which takes new ones. */
export type PartPlaces = readonly [PartPlace, ...PartPlace[]];

/** A stretch that has just arrived. */
export interface NewPart extends Pick<Part, 'from' | 'tag'> {
	data: Uint8Array<ArrayBuffer>;
	/** Where what comes before it lies. */
	place?: PartPlace | undefined;
	/** What it has to be, where that is known. */
	sums?: PartSums | undefined;
}

export class ModelStore {
	readonly #caches: CacheStorage;
	readonly #places: () => Promise<PartPlaces>;

	constructor(caches: CacheStorage, places: () => Promise<PartPlaces>) {
		this.#caches = caches;
		this.#places = places;
	}

	/** The contiguous parts from the file's start. What lies behind a gap, or beside it, is deleted. */
	parts({ key }: ModelFile): Promise<Part[]> {
		return this.#use(async () => {
			const chain: Part[] = [];
			for (const part of await this.#every(key)) {
				if (part.from === end(chain) && part.tag === (chain[0] ?? part).tag) chain.push(part);
				else await part.place.delete(key, part);
			}
			return chain;
		});
	}

	/**
	 * Keeps one stretch of a file, if its sums are those given.
	 * @param data begins where its buffer does; the buffer is handed over, and comes back
	 * @throws DeliveryError quota, no-storage
	 */
	addPart({ key }: ModelFile, part: NewPart): Promise<Added & { part: Part }> {
		const { from, tag, data, sums } = part;
		const name = { from, bytes: data.length, tag };
		return this.#use(async () => {
			const place = part.place ?? (await this.#places())[0];
			return { ...(await place.add(key, name, data, sums)), part: { ...name, place } };
		}, name.bytes);
	}

	/** No more parts come for now: what was added is on the disk, and anyone may go on with it. */
	settle({ key }: ModelFile): Promise<void> {
		return this.#use(async () => (await this.#places())[0].settle(key));
	}

	dropParts({ key }: ModelFile): Promise<void> {
		return this.#use(async () => {
			for (const part of await this.#every(key)) await part.place.delete(key, part);
		});
	}

	/** The parts' bytes in order, as one Blob that the browser keeps on disk. */
	read({ key }: ModelFile, parts: Part[]): Promise<Blob> {
		return this.#use(async () => {
			const blobs = new Map<Part, Blob | undefined>();
			for (const place of new Set(parts.map((part) => part.place))) {
				const here = parts.filter((part) => part.place === place);
				const read = await place.read(key, here);
				here.forEach((part, at) => blobs.set(part, read[at]));
			}
			return new Blob(parts.map((part) => blobs.get(part) ?? gone(key, part)));
		});
	}

	/** Makes the file of its parts: from now on it is complete. */
	async finish(file: ModelFile, parts: Part[]): Promise<void> {
		const bytes = end(parts);
		if (file.keep === 'parts') {
			await this.#put(OWN_CACHE, wholeKey(file), new Response(null, { headers: lengthHeader(bytes) }), 0);
			// the file can be used while the disk takes it
			this.settle(file).catch((error: unknown) => this.#doubt(file, error));
			return;
		}
		const headers = { ...lengthHeader(bytes), 'content-type': mime(file) };
		await this.#put(file.keep, file.key, new Response(await this.read(file, parts), { headers }), bytes);
		await this.dropParts(file);
	}

	/** What the disk did not take is looked through before it is used again. */
	async #doubt(file: ModelFile, error: unknown): Promise<void> {
		console.error(`The disk failed while it took ${file.key}:`, error);
		await this.#useCache(OWN_CACHE, (cache) => cache.delete(wholeKey(file)));
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
		if (file.keep === 'parts') return this.read(file, await this.parts(file));
		return (await this.#match(file.keep, file.key))?.blob();
	}

	async remove(file: ModelFile): Promise<void> {
		await this.dropParts(file);
		const [name, key] = file.keep === 'parts' ? [OWN_CACHE, wholeKey(file)] : [file.keep, file.key];
		await this.#useCache(name, (cache) => cache.delete(key));
	}

	/** Removes whatever lies below the URL of a folder, also what no manifest names any more. */
	async removeFolder(url: string): Promise<void> {
		for (const name of [CONFIG_CACHE, MODEL_CACHE])
			await this.#useCache(name, async (cache) => {
				for (const request of await cache.keys())
					if (request.url.startsWith(url)) await cache.delete(request);
			});
		await this.#use(async () => {
			for (const place of await this.#places()) await place.deleteBelow(url);
		});
	}

	/** Removes the libraries once no model is left that could need one: they are shared. */
	async removeUnusedLibraries(): Promise<void> {
		const configs = await this.#useCache(CONFIG_CACHE, (cache) => cache.keys());
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
		return this.#useCache(name, (cache) => cache.match(key));
	}

	#put(name: string, key: string, response: Response, bytes: number): Promise<void> {
		return this.#useCache(name, (cache) => cache.put(key, response), bytes);
	}

	/** Every part of a file, wherever it lies, in order; of two from the same byte on the longer first. */
	async #every(key: string): Promise<Part[]> {
		const named = async (place: PartPlace) =>
			(await place.list(key)).map((name: PartName): Part => ({ ...name, place }));
		const parts = (await Promise.all((await this.#places()).map(named))).flat();
		return parts.sort((a, b) => a.from - b.from || b.bytes - a.bytes);
	}

	#useCache<T>(name: string, work: (cache: Cache) => Promise<T>, needed = 0): Promise<T> {
		return this.#use(async () => work(await this.#caches.open(name)), needed);
	}

	/** Works on what the browser stores; what it cannot or will not do becomes a named error. */
	async #use<T>(work: () => Promise<T>, needed = 0): Promise<T> {
		try {
			return await work();
		} catch (error) {
			if (error instanceof DeliveryError) throw error;
			if (error instanceof DOMException && error.name === 'QuotaExceededError')
				throw new DeliveryError({ kind: 'quota', needed, free: undefined }, { cause: error });
			throw new DeliveryError({ kind: 'no-storage', detail: String(error) }, { cause: error });
		}
	}
}

function wholeKey(file: ModelFile): string {
	const url = new URL(file.key);
	url.searchParams.append(WHOLE, '');
	return url.href;
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

function gone(key: string, { from }: Part): never {
	const detail = `the part of ${key} from byte ${from} on was deleted meanwhile`;
	throw new DeliveryError({ kind: 'no-storage', detail });
}
