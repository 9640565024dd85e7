import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { DeliveryEnvironment } from '#lib/models/delivery.ts';
import { takeRoom, type HostRoom } from '../support/model-host-client.ts';
import {
	clearStores,
	deliver as deliverFrom,
	failureOf,
	folder,
	gguf,
	keys,
	never,
	PART
} from './delivery-harness.ts';

let room: HostRoom;
const deliver = (changes: Partial<DeliveryEnvironment> = {}) => deliverFrom(room.url, changes);

beforeEach(async () => {
	await clearStores();
	room = await takeRoom();
});

// one that the estimate hides is a row of the fault matrix
describe('a full disk', () => {
	/** What a browser says that has so many bytes left. */
	const storageWith = (free: number) => ({
		estimate: () => Promise.resolve({ quota: 1_000 + free, usage: 1_000 }),
		persist: () => Promise.resolve(false)
	});

	test.each([gguf, folder])('is noticed before the first byte, with the numbers: $id', async (build) => {
		const delivery = deliver({ storage: storageWith(3_000_000) });
		const failure = await failureOf(delivery.download(build, { signal: never }));
		expect(failure).toEqual({ kind: 'quota', needed: build.bytes, free: 3_000_000 });
		expect(await room.log()).toEqual([]);
	});

	test('is noticed once the manifest tells the real size, before the weights', async () => {
		const delivery = deliver({ storage: storageWith(3_000_000) });
		const failure = await failureOf(delivery.download({ ...folder, bytes: 1000 }, { signal: never }));
		expect(failure).toMatchObject({ kind: 'quota', free: 3_000_000 });
		const names = (await room.log()).map(({ name }) => name).sort();
		expect(names).toEqual(['mlc-chat-config.json', 'tensor-cache.json']);
	});
});

describe('two at once', () => {
	test('share the work: each file is fetched once', async () => {
		await Promise.all([
			deliver().download(folder, { signal: never }),
			deliver().download(folder, { signal: never })
		]);
		const names = (await room.log()).map(({ name }) => name);
		expect(names).toHaveLength(7);
		expect(new Set(names).size).toBe(7);
	});

	test('do not wait for each other when one is cancelled while it waits', async () => {
		await room.order({ file: 'model.gguf', kind: 'slow', at: 50_000 });
		const first = deliver().download(gguf, { signal: never });
		const stop = new AbortController();
		const second = failureOf(deliver().download(gguf, { signal: stop.signal }));
		stop.abort();
		expect(await second).toEqual({ kind: 'aborted' });
		await first;
		expect(await deliver().stored(gguf)).toBe(true);
	});
});

describe('a crash', () => {
	test('loses what was not written yet, and nothing else', async () => {
		await room.order({ file: 'model.gguf', kind: 'stall', at: 6_000_000 });
		const worker = new Worker(new URL('./delivery-crash.worker.ts', import.meta.url), { type: 'module' });
		const broken = new Promise<never>((_, reject) => {
			worker.onerror = (event) => {
				reject(new Error(event.message));
			};
		});
		worker.postMessage(room.url);
		// the line stands still behind the first part, however long its way to the disk is
		const stored = vi.waitFor(async () => expect(await deliver().have(gguf)).toBe(PART), {
			timeout: 15_000
		});
		await Promise.race([stored, broken]);
		worker.terminate();
		expect(await deliver().stored(gguf)).toBe(false);
		expect(await deliver().have(gguf)).toBe(PART);
		await deliver().download(gguf, { signal: never });
		expect(await deliver().stored(gguf)).toBe(true);
		expect((await room.log()).map(({ range }) => range)).toEqual([null, `bytes=${PART}-`]);
	});
});

describe('a browser without storage', () => {
	test('is told so', async () => {
		const refusing = {
			open: () => Promise.reject(new DOMException('no', 'SecurityError'))
		} as unknown as CacheStorage;
		const failure = await failureOf(deliver({ caches: refusing }).download(gguf, { signal: never }));
		expect(failure.kind).toBe('no-storage');
		expect(await keys('alcove/models')).toEqual([]);
	});
});
