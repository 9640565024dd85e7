import { expect, test } from 'vitest';
import { CachedParts } from '#lib/models/parts/cached.ts';
import { FiledParts, startWriter } from '#lib/models/parts/filed.ts';
import { eraseModels, modelBytes } from '#lib/models/usage.ts';
import { partPlaces } from '#lib/models/parts/index.ts';
import {
	clearStores,
	deliver,
	failureOf,
	gguf,
	GGUF_BYTES,
	never,
	root,
	tamper
} from './delivery-harness.ts';
import { partsContract } from './parts-contract.ts';
import { takeRoom } from '../support/model-host-client.ts';

const writer = () => Promise.resolve(startWriter());

partsContract('files', async () => new FiledParts({ root: await root(), startWriter: writer }));
partsContract('a cache', () => Promise.resolve(new CachedParts(caches)));

const noFiles = partPlaces({
	caches,
	root: () => Promise.reject(new DOMException('not in a private window', 'SecurityError')),
	startWriter: writer
});

test('without a private file system a model is kept in a cache, and a gap in it is fetched alone', async () => {
	await clearStores();
	const room = await takeRoom();
	const delivery = () => deliver(room.url, { parts: noFiles });
	await delivery().download(gguf, { signal: never });
	expect((await delivery().open(gguf))[0]?.size).toBe(GGUF_BYTES);
	const cache = await caches.open('alcove/models');
	const part = (await cache.keys()).find(({ url }) => url.includes(`alcove-from=${4 * 1024 ** 2}`));
	if (!part) throw new Error('expected a part at 4 MiB');
	await cache.delete(part);
	expect(await delivery().stored(gguf)).toBe(false);
	await delivery().download(gguf, { signal: never });
	expect((await room.log()).map(({ range }) => range)).toEqual([null, `bytes=${4 * 1024 ** 2}-`]);
});

test('what a version before kept in a cache is found, and gone on with', async () => {
	await clearStores();
	const room = await takeRoom();
	await room.order({ file: 'model.gguf', kind: 'stall', at: 6_000_000 });
	const before = deliver(room.url, {
		parts: noFiles,
		stallAfter: 500,
		patience: { tries: 0, pause: 1, longestPause: 1 }
	});
	expect((await failureOf(before.download(gguf, { signal: never }))).kind).toBe('stalled');
	const kept = await deliver(room.url).have(gguf);
	expect(kept).toBe(6_000_000);
	await deliver(room.url).download(gguf, { signal: never });
	expect((await room.log()).map(({ range }) => range)).toEqual([null, `bytes=${kept}-`]);
	expect((await deliver(room.url).open(gguf))[0]?.size).toBe(GGUF_BYTES);
	await deliver(room.url).remove(gguf);
	expect(await modelBytes({ caches, root })).toBe(0);
});

test('everything can be erased while it is written: that download fails, and nothing of it stays', async () => {
	await clearStores();
	const room = await takeRoom();
	await room.order({ file: 'model.gguf', kind: 'stall', at: 5_000_000 });
	let erased: Promise<void> | undefined;
	const onProgress = (done: number) => {
		if (done >= 5_000_000) erased ??= eraseModels({ caches, root });
	};
	const options = { onProgress, signal: never };
	const patience = { tries: 0, pause: 1, longestPause: 1 };
	const failure = await failureOf(deliver(room.url, { stallAfter: 3_000, patience }).download(gguf, options));
	expect(['no-storage', 'stalled']).toContain(failure.kind);
	await erased;
	await deliver(room.url).download(gguf, { signal: never });
	expect((await deliver(room.url).open(gguf))[0]?.size).toBe(GGUF_BYTES);
});

test('a part that is not kept holds up nobody', async () => {
	await clearStores();
	const [one, other] = [0, 1].map(async () => new FiledParts({ root: await root(), startWriter: writer }));
	const add = async (place: Promise<FiledParts> | undefined, from: number) =>
		(await place)?.add(gguf.url, { from, bytes: 3, tag: '' }, new Uint8Array(3));
	await expect(add(one, 5)).rejects.toThrow('0 bytes are here, and not 5');
	await add(other, 0);
	await (await other)?.settle(gguf.url);
	expect(await (await one)?.list(gguf.url)).toEqual([{ from: 0, bytes: 3, tag: '' }]);
});

test('a thread that cannot start fails the download by name', async () => {
	await clearStores();
	const room = await takeRoom();
	const broken = partPlaces({
		caches,
		root,
		startWriter: () => Promise.resolve(new Worker('data:text/javascript,throw new Error("broken")'))
	});
	const failure = await failureOf(deliver(room.url, { parts: broken }).download(gguf, { signal: never }));
	expect(failure).toMatchObject({ kind: 'no-storage', detail: expect.stringContaining('broken') as string });
});

test('a file that was cut is not complete', async () => {
	await clearStores();
	const room = await takeRoom();
	await deliver(room.url).download(gguf, { signal: never });
	await tamper('model.gguf', (file) => file.truncate(GGUF_BYTES - 1));
	expect(await deliver(room.url).stored(gguf)).toBe(false);
});
