import { beforeEach, describe, expect, test } from 'vitest';
import { type Carried, readCarried } from '#lib/models/carry/format.ts';
import { readGgufFile } from '#lib/models/carry/gguf-file.ts';
import type { Build, Model } from '#lib/models/catalogue.ts';
import type { Delivery } from '#lib/models/delivery.ts';
import { CarryError, DeliveryError, GgufError } from '#lib/models/errors.ts';
import { writeTalkingGguf } from '../../scripts/talking/gguf.ts';
import { takeRoom } from '../support/model-host-client.ts';
import { clearStores, deliver, folder, gguf, GGUF_BYTES, never, root } from './delivery-harness.ts';
import { partFileBytes } from '#lib/models/parts/filed.ts';

const base = new URL('/', location.href).href;
const model: Model = { id: 'm', name: 'M', languages: ['en'], contextWindow: 4096, builds: [folder] };
let delivery: Delivery;

beforeEach(async () => {
	await clearStores();
	delivery = deliver((await takeRoom()).url);
});

/** A build as a file, and a device without it. */
async function packed(build: Build): Promise<Blob> {
	await delivery.download(build, { signal: never });
	const { file } = await delivery.pack(model, build, { signal: never });
	// what was packed lies in the caches, which are about to go
	const copy = new Blob([await file.arrayBuffer()]);
	await clearStores();
	return copy;
}

async function takeIn(file: Blob, build: Build, signal = never, by = delivery): Promise<void> {
	await by.unpack(await readCarried(file, base), build, { signal });
}

async function failureOf(work: Promise<unknown>) {
	const error: unknown = await work.then(
		() => undefined,
		(reason: unknown) => reason
	);
	if (error instanceof CarryError || error instanceof DeliveryError || error instanceof GgufError)
		return error.failure;
	throw new Error(`expected a named error, not ${String(error)}`, { cause: error });
}

/** Entries of caches, and files. */
async function entries(): Promise<number> {
	let count = (await partFileBytes(root)) > 0 ? 1 : 0;
	for (const name of await caches.keys()) count += (await (await caches.open(name)).keys()).length;
	return count;
}

async function flipped(file: Blob, at: number): Promise<Blob> {
	const bytes = new Uint8Array(await file.arrayBuffer());
	bytes[at] = (bytes[at] ?? 0) ^ 1;
	return new Blob([bytes]);
}

describe('a model in a file', () => {
	test.each([['of many files', folder] as const, ['of one file', gguf] as const])(
		'%s is complete on a device that takes it in, without a request',
		async (_name, build) => {
			const file = await packed(build);
			expect(await delivery.stored(build)).toBe(false);
			const offline = deliver('http://127.0.0.1:9/', {
				fetch: () => Promise.reject(new Error('no network'))
			});
			const seen: number[] = [];
			await offline.unpack(await readCarried(file, base), build, {
				onProgress: (done, total) => seen.push(done / total),
				signal: never
			});
			expect(await offline.stored(build)).toBe(true);
			expect(await offline.verify(build, { signal: never })).toEqual({ missing: [], corrupt: [] });
			expect(seen.at(-1)).toBe(1);
			expect(seen).toEqual([...seen].sort((a, b) => a - b));
		}
	);

	test('names its model and its build', async () => {
		const carried = await readCarried(await packed(gguf), base);
		expect(carried).toMatchObject({ model: { id: 'm', name: 'M' }, build: gguf, total: GGUF_BYTES });
	});

	test('that is damaged on this device is not packed, and the bad file goes', async () => {
		await delivery.download(folder, { signal: never });
		const cache = await caches.open('webllm/model');
		const key = `${folder.url}params_shard_1.bin`;
		await cache.put(key, new Response(new Uint8Array(300_001), { headers: { 'content-length': '300001' } }));
		expect((await failureOf(delivery.pack(model, folder, { signal: never }))).kind).toBe('corrupt');
		expect(await delivery.stored(folder)).toBe(false);
	});

	test('that is not complete is not packed', async () => {
		expect((await failureOf(delivery.pack(model, gguf, { signal: never }))).kind).toBe('no-storage');
		expect((await failureOf(delivery.pack(model, folder, { signal: never }))).kind).toBe('no-storage');
	});
});

describe('a file that is not as it was packed', () => {
	test('by one byte in any of its files is refused, and nothing of it stays', async () => {
		const file = await packed(folder);
		const { start, files } = await readCarried(file, base);
		let at = start;
		for (const { key, bytes } of files) {
			const failure = await failureOf(takeIn(await flipped(file, at + Math.floor(bytes / 2)), folder));
			expect(failure).toEqual({ kind: 'corrupt', file: key });
			expect(await entries()).toBe(0);
			at += bytes;
		}
	});

	test('because it was cut is refused before a byte is written', async () => {
		const file = await packed(gguf);
		for (const length of [0, 7, 11, 40, file.size - 1]) {
			const failure = await failureOf(takeIn(file.slice(0, length), gguf));
			expect(failure.kind).toBe(length === 0 ? 'not-one' : 'truncated');
		}
		expect(await entries()).toBe(0);
	});

	test('in its head is refused', async () => {
		const file = await packed(gguf);
		expect(await failureOf(takeIn(await flipped(file, 0), gguf))).toEqual({ kind: 'not-one' });
		expect((await failureOf(takeIn(await flipped(file, 7), gguf))).kind).toBe('newer');
		expect((await failureOf(takeIn(await flipped(file, 12), gguf))).kind).toBe('bad-header');
		expect((await failureOf(takeIn(new Blob([file, 'x']), gguf))).kind).toBe('bad-header');
	});

	test('but another model is refused', async () => {
		const file = await packed(gguf);
		const other = { ...gguf, url: 'https://models.test/other.gguf' };
		expect((await failureOf(takeIn(file, other))).kind).toBe('incomplete');
		expect(await entries()).toBe(0);
	});

	test('but whole, with other bytes than this device has pinned, is refused', async () => {
		const file = await packed(gguf);
		const failure = await failureOf(takeIn(file, { ...gguf, sha256: '0'.repeat(64) }));
		expect(failure.kind).toBe('corrupt');
		expect(await entries()).toBe(0);
	});

	test('because files are missing is refused', async () => {
		const carried = await readCarried(await packed(folder), base);
		const files = carried.files.slice(0, -1);
		const failure = await failureOf(delivery.unpack({ ...carried, files }, folder, { signal: never }));
		expect(failure.kind).toBe('incomplete');
		expect(await entries()).toBe(0);
	});
});

test('without room nothing is written, and the numbers are told', async () => {
	const file = await packed(gguf);
	const storage = {
		estimate: () => Promise.resolve({ quota: 1000, usage: 0 }),
		persist: () => Promise.resolve(false)
	};
	const full = deliver('http://127.0.0.1:9/', { storage });
	expect(await failureOf(takeIn(file, gguf, never, full))).toEqual({
		kind: 'quota',
		needed: GGUF_BYTES,
		free: 1000
	});
	expect(await entries()).toBe(0);
});

test('what is cancelled in its midst leaves nothing', async () => {
	const carried = await readCarried(await packed(gguf), base);
	const stop = new AbortController();
	const onProgress = () => stop.abort();
	const failure = await failureOf(delivery.unpack(carried, gguf, { onProgress, signal: stop.signal }));
	expect(failure).toEqual({ kind: 'aborted' });
	expect(await entries()).toBe(0);
});

describe('a GGUF from the disk', () => {
	const bytes = new Uint8Array(writeTalkingGguf({ words: ['Hello'], name: 'From a disk' }));

	test('is a model of its own, named by its sum', async () => {
		const carried: Carried = await readGgufFile(new Blob([bytes]), 'my-model.Q4_K_M.gguf', base, never);
		expect(carried.model).toMatchObject({ name: 'From a disk', own: true });
		expect(carried.build).toMatchObject({ engine: 'wllama', quantization: 'Q4_K_M', bytes: bytes.length });
		await delivery.unpack(carried, carried.build, { signal: never });
		expect(await delivery.stored(carried.build)).toBe(true);
	});

	test('that is cut is refused', async () => {
		const cut = new Blob([bytes.subarray(0, bytes.length - 5)]);
		expect((await failureOf(readGgufFile(cut, 'x.gguf', base, never))).kind).toBe('truncated');
	});
});
