/** What the tests of delivery share: two small builds, and a delivery that is patient for milliseconds. */
import type { WebllmBuild, WllamaBuild } from '#lib/models/catalogue.ts';
import { createDelivery, type Delivery, type DeliveryEnvironment } from '#lib/models/delivery.ts';
import { startDigest } from '#lib/models/digest.ts';
import { startWriter } from '#lib/models/parts/filed.ts';
import { partPlaces } from '#lib/models/parts/index.ts';
import { eraseModels } from '#lib/models/usage.ts';
import { DeliveryError, type DeliveryFailure } from '#lib/models/errors.ts';

/** A host that does not exist: whatever comes, comes from a model host. */
export const CANONICAL = 'https://models.test/';
export const GGUF_BYTES = 9_000_004;
export const SHARD_BYTES = 5_000_000;
/** Bytes that are written at once of a file whose parts have no sums. */
export const PART = 4 * 1024 ** 2;

export const folder: WebllmBuild = {
	id: 'folder',
	engine: 'webllm',
	quantization: 'q4f32_1',
	needs: {},
	bytes: 5_460_000,
	approximate: true,
	memory: 1,
	url: `${CANONICAL}someone/some-model/resolve/main/`,
	library: `${CANONICAL}libraries/library.wasm`
};

export const gguf: WllamaBuild = {
	id: 'gguf',
	engine: 'wllama',
	quantization: 'q4_k_m',
	needs: {},
	bytes: GGUF_BYTES,
	memory: 1,
	url: `${CANONICAL}someone/some-gguf/resolve/main/model.gguf`
};

/** Gives up at the first fault. */
export const NONE = { tries: 0, pause: 1, longestPause: 1 };

/** The signal of what nobody cancels. */
export const never = new AbortController().signal;

/** The root of the private file system. */
export const root = () => navigator.storage.getDirectory();

const parts = partPlaces({ caches, root, startWriter: () => Promise.resolve(startWriter()) });

/** A delivery as the app has it, but for the host and its haste. */
export function deliver(modelHost: string, changes: Partial<DeliveryEnvironment> = {}): Delivery {
	return createDelivery({
		caches,
		parts,
		fetch: (input, init) => fetch(input, init),
		startDigest: () => Promise.resolve(startDigest()),
		base: new URL('/', location.href).href,
		storage: navigator.storage,
		locks: navigator.locks,
		modelHost,
		stallAfter: 20_000,
		patience: { tries: 2, pause: 1, longestPause: 20 },
		...changes
	});
}

/** Takes away whatever a test stored. */
export async function clearStores(): Promise<void> {
	await eraseModels({ caches, root });
	await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
}

/** How the promise fails; a test that expects it must fail where it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<DeliveryFailure> {
	const error: unknown = await promise.then(
		() => undefined,
		(reason: unknown) => reason
	);
	if (error instanceof DeliveryError) return error.failure;
	throw new Error(`expected a DeliveryError, not ${String(error)}`, { cause: error });
}

/** The keys of a cache, without the host that does not exist. */
export async function keys(name: string): Promise<string[]> {
	return (await (await caches.open(name)).keys()).map(({ url }) => url.replace(CANONICAL, '')).sort();
}

/** SHA-256 in hexadecimal: two files are compared by it in a moment, byte for byte they would take seconds. */
export async function sha256(bytes: BufferSource): Promise<string> {
	return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).toHex();
}

/** Numbers between 0 and 1, always the same for a seed: a linear congruence, good enough for offsets. */
export function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}

/** What lies in the private file system of the only file whose URL ends so. */
export async function storedFile(ending: string): Promise<FileSystemFileHandle> {
	const found: FileSystemFileHandle[] = [];
	const look = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
		for await (const entry of folder.values())
			if (entry instanceof FileSystemDirectoryHandle) await look(entry, `${path}/${entry.name}`);
			else if (entry instanceof FileSystemFileHandle && path.endsWith(ending)) found.push(entry);
	};
	await look(await root(), '');
	const [file, ...more] = found;
	if (!file || more.length > 0) throw new Error(`expected one file for ${ending}, not ${found.length}`);
	return file;
}

/** Changes it behind the back of the app. */
export async function tamper(
	ending: string,
	change: (file: FileSystemWritableFileStream) => Promise<void>
): Promise<void> {
	const file = await storedFile(ending);
	const writable = await file.createWritable({ keepExistingData: true });
	await change(writable);
	await writable.close();
}
