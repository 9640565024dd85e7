import { beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryEnvironment } from '#lib/models/delivery.ts';
import { takeRoom, type Fault, type HostRoom } from '../support/model-host-client.ts';
import {
	clearStores,
	deliver as deliverFrom,
	failureOf,
	folder,
	gguf,
	GGUF_BYTES,
	keys,
	never,
	NONE,
	seeded,
	sha256,
	SHARD_BYTES,
	storedFile,
	tamper
} from './delivery-harness.ts';

const SHARD = 'params_shard_0.bin';
const AT = 'someone/some-model/resolve/main/';

let room: HostRoom;
const deliver = (changes: Partial<DeliveryEnvironment> = {}) => deliverFrom(room.url, changes);
/** The faulty host is asked first, the other when it fails. */
const mirrored = (other: string) => deliverFrom(other, { mirrors: () => Promise.resolve([room.url]) });

beforeEach(async () => {
	await clearStores();
	room = await takeRoom();
});

/** The GGUF as a host without faults sends it. */
async function original(): Promise<Uint8Array<ArrayBuffer>> {
	return (await fetch(`${(await takeRoom()).url}model.gguf`)).bytes();
}

async function pinnedGguf() {
	return { ...gguf, sha256: await sha256(await original()) };
}

async function requestsFor(file: string): Promise<(string | null)[]> {
	return (await room.log()).filter(({ name }) => name === file).map(({ range }) => range);
}

describe('a connection that breaks', () => {
	test.each([1, 2, 3, 4])('at random places goes on from there, seed %i', async (seed) => {
		const random = seeded(seed);
		const cuts: Fault[] = Array.from({ length: 7 }, () => ({
			file: 'model.gguf',
			kind: 'cut',
			at: Math.floor(random() * 1_500_000)
		}));
		await room.order(...cuts);
		const build = await pinnedGguf();
		await deliver({ patience: { tries: 9, pause: 1, longestPause: 2 } }).download(build, { signal: never });
		const [blob] = await deliver().open(build);
		expect(blob && (await sha256(await blob.arrayBuffer()))).toBe(build.sha256);
		const starts = (await requestsFor('model.gguf')).map((range) => Number(/\d+/.exec(range ?? '0')?.[0]));
		expect(starts).toEqual([...starts].sort((a, b) => a - b));
	});

	test('fetches no byte twice that was written', async () => {
		await room.order({ file: SHARD, kind: 'cut', at: 4_500_000 });
		await failureOf(deliver({ patience: NONE }).download(folder, { signal: never }));
		const kept = (await (await storedFile(SHARD)).getFile()).size;
		expect(kept).toBeGreaterThan(0);
		await deliver().download(folder, { signal: never });
		expect(await requestsFor(SHARD)).toEqual([null, `bytes=${kept}-`]);
	});

	test('goes on where the host sends no ranges: what is here is passed over', async () => {
		await room.order(
			{ file: 'model.gguf', kind: 'cut', at: 5_000_000 },
			{ file: 'model.gguf', kind: 'no-range' }
		);
		const build = await pinnedGguf();
		await deliver().download(build, { signal: never });
		expect(await deliver().verify(build, { signal: never })).toEqual({ missing: [], corrupt: [] });
	});

	test('starts anew when the host has another version by now', async () => {
		await room.order({ file: 'model.gguf', kind: 'cut', at: 5_000_000 });
		await failureOf(deliver({ patience: NONE }).download(gguf, { signal: never }));
		await room.order({ file: 'model.gguf', kind: 'other-version', times: 2 });
		await deliver().download(gguf, { signal: never });
		expect((await requestsFor('model.gguf')).map((range) => range === null)).toEqual([true, false, true]);
		const [blob] = await deliver().open(gguf);
		expect(blob && (await sha256(await blob.arrayBuffer()))).toBe(await sha256(await original()));
	});

	test('is not given up for being slow', async () => {
		await room.order({ file: 'model.gguf', kind: 'slow', at: 20_000 });
		await deliver({ stallAfter: 1_500, patience: NONE }).download(gguf, { signal: never });
		expect(await requestsFor('model.gguf')).toEqual([null]);
	});

	test('does not hold up the other files', async () => {
		await room.order({ file: SHARD, kind: 'hang' });
		const stop = new AbortController();
		const download = deliver().download(folder, {
			signal: stop.signal,
			onProgress: () => {
				// every file but the one that hangs has its place: then it is enough
				void keys('webllm/model').then((found) => {
					if (found.length === 4) stop.abort();
				});
			}
		});
		expect(await failureOf(download)).toEqual({ kind: 'aborted' });
		expect(await keys('webllm/model')).not.toContain(`${AT}${SHARD}`);
	});
});

describe('a host that refuses', () => {
	test('one file is left at once, whatever else is under way', async () => {
		await room.order({ file: SHARD, kind: 'status', status: 404, times: 9 });
		await room.order({ file: 'params_shard_1.bin', kind: 'hang', times: 9 });
		const download = deliver({ stallAfter: 600_000 }).download(folder, { signal: never });
		expect(await failureOf(download)).toMatchObject({ kind: 'http', status: 404 });
	});

	test('for being asked too often is asked again when it says', async () => {
		await room.order({ file: SHARD, kind: 'status', status: 429, retryAfter: '0' });
		await deliver().download(folder, { signal: never });
		expect(await requestsFor(SHARD)).toEqual([null, null]);
	});

	test('for an hour is given up, and the error tells for how long', async () => {
		await room.order({ file: 'model.gguf', kind: 'status', status: 429, retryAfter: '3600' });
		const failure = await failureOf(deliver().download(gguf, { signal: never }));
		expect(failure).toMatchObject({ kind: 'http', status: 429, retryAfter: 3_600_000 });
	});

	test('for a moment only does not fail the download', async () => {
		await room.order({ file: 'model.gguf', kind: 'status', status: 500, times: 2 });
		await deliver().download(gguf, { signal: never });
		expect(await requestsFor('model.gguf')).toHaveLength(3);
	});

	test('and sends elsewhere is followed', async () => {
		await room.order({ file: SHARD, kind: 'redirect' });
		await deliver().download(folder, { signal: never });
		expect(await deliver().stored(folder)).toBe(true);
	});

	test.each<Fault>([
		{ file: 'model.gguf', kind: 'status', status: 403, times: 9 },
		{ file: 'model.gguf', kind: 'status', status: 404, times: 9 },
		{ file: 'model.gguf', kind: 'status', status: 500, times: 9 },
		{ file: 'model.gguf', kind: 'html', times: 9 },
		{ file: 'model.gguf', kind: 'disguised', times: 9 },
		{ file: 'model.gguf', kind: 'short', at: 1_000_000, times: 9 },
		{ file: 'model.gguf', kind: 'flip', at: 2_000_000, times: 9 }
	])('has a mirror, which is asked: $kind $status', async (fault) => {
		await room.order(fault);
		const mirror = await takeRoom();
		const build = await pinnedGguf();
		await mirrored(mirror.url).download(build, { signal: never });
		expect(await deliver().stored(build)).toBe(true);
		expect(await mirror.log()).toHaveLength(1);
	});

	test('has a mirror, which is asked first the next time', async () => {
		await room.order({ file: 'model.gguf', kind: 'status', status: 404, times: 9 });
		const mirror = await takeRoom();
		await mirrored(mirror.url).download(gguf, { signal: never });
		await mirrored(mirror.url).download(folder, { signal: never });
		expect((await room.log()).map(({ name }) => name)).toEqual(['model.gguf']);
	});

	test('as all mirrors do fails as the first of them', async () => {
		await room.order({ file: 'model.gguf', kind: 'status', status: 403, times: 9 });
		const mirror = await takeRoom();
		await mirror.order({ file: 'model.gguf', kind: 'status', status: 404, times: 9 });
		const failure = await failureOf(mirrored(mirror.url).download(gguf, { signal: never }));
		expect(failure).toMatchObject({ kind: 'http', status: 403 });
	});
});

describe('a byte that is wrong', () => {
	test('makes its file come again, and no other', async () => {
		await room.order({ file: SHARD, kind: 'flip', at: 1_234_567 });
		await deliver().download(folder, { signal: never });
		const names = (await room.log()).map(({ name }) => name);
		expect(names.filter((name) => name === SHARD)).toHaveLength(2);
		expect(names).toHaveLength(8);
		expect(await deliver().verify(folder, { signal: never })).toEqual({ missing: [], corrupt: [] });
	});

	test('each time fails with both sums, and leaves nothing under the key', async () => {
		await room.order({ file: SHARD, kind: 'flip', at: 7, times: 9 });
		const failure = await failureOf(deliver().download(folder, { signal: never }));
		expect(failure).toMatchObject({
			kind: 'corrupt',
			algorithm: 'md5',
			expected: expect.stringMatching(/^\w{32}$/)
		});
		expect(await keys('webllm/model')).not.toContain(`${AT}${SHARD}`);
		expect((await keys('alcove/models')).filter((key) => key.includes(SHARD))).toEqual([]);
	});

	test('is found by the pinned sum where a manifest has none', async () => {
		const pins = { [folder.library]: { bytes: 100_013, sha256: '0'.repeat(64) } };
		const failure = await failureOf(deliver().download({ ...folder, pins }, { signal: never }));
		expect(failure).toMatchObject({ kind: 'corrupt', algorithm: 'sha256', expected: '0'.repeat(64) });
	});

	test.each([
		{ kind: 'short' as const, at: 50_000 },
		{ kind: 'flip' as const, at: 9 }
	])('in the library shows by itself: $kind', async (fault) => {
		await room.order({ file: 'library.wasm', times: 9, ...fault });
		const failure = await failureOf(deliver().download(folder, { signal: never }));
		expect(failure).toMatchObject({ kind: 'not-what-was-asked', got: 'a broken one' });
		expect(await keys('webllm/wasm')).toEqual([]);
	});

	test('that comes later is found by looking, and mended by fetching that file', async () => {
		await deliver().download(folder, { signal: never });
		await (
			await caches.open('webllm/model')
		).put(`${folder.url}${SHARD}`, new Response(new Blob([new Uint8Array(SHARD_BYTES)])));
		expect(await deliver().verify(folder, { signal: never })).toEqual({
			missing: [],
			corrupt: [`${folder.url}${SHARD}`]
		});
		expect(await deliver().stored(folder)).toBe(false);
		await deliver().download(folder, { signal: never });
		expect(await requestsFor(SHARD)).toHaveLength(2);
		expect(await room.log()).toHaveLength(8);
	});
});

describe('what disappears behind the back of the app', () => {
	test.each([SHARD, 'tokenizer.json', 'tensor-cache.json'])(
		'is missed and fetched alone: %s',
		async (file) => {
			await deliver().download(folder, { signal: never });
			await (await caches.open('webllm/model')).delete(`${folder.url}${file}`);
			expect(await deliver().stored(folder)).toBe(false);
			await deliver().download(folder, { signal: never });
			expect(await requestsFor(file)).toHaveLength(2);
			expect(await room.log()).toHaveLength(8);
		}
	);

	test('from a GGUF is fetched alone', async () => {
		await deliver().download(gguf, { signal: never });
		await tamper('model.gguf', (file) => file.truncate(4 * 1024 ** 2));
		expect(await deliver().stored(gguf)).toBe(false);
		await deliver().download(gguf, { signal: never });
		expect(await requestsFor('model.gguf')).toEqual([null, `bytes=${4 * 1024 ** 2}-`]);
		expect((await deliver().open(gguf))[0]?.size).toBe(GGUF_BYTES);
	});

	test.each(['not JSON', '{"records":[]}', '[]'])('or is replaced by %s is fetched again', async (text) => {
		await deliver().download(folder, { signal: never });
		await (await caches.open('webllm/model')).put(`${folder.url}tensor-cache.json`, new Response(text));
		expect(await deliver().stored(folder)).toBe(false);
		await deliver().download(folder, { signal: never });
		expect(await deliver().stored(folder)).toBe(true);
		expect(await requestsFor(SHARD)).toHaveLength(1);
	});

	test('can be removed even without the manifest that names it', async () => {
		await deliver().download(folder, { signal: never });
		await (await caches.open('webllm/model')).delete(`${folder.url}tensor-cache.json`);
		await deliver().remove(folder);
		expect(await keys('webllm/model')).toEqual([]);
	});
});
