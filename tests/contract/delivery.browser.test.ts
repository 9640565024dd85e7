import { beforeEach, describe, expect, test } from 'vitest';
import {
	CANONICAL,
	clearStores,
	deliver as deliverFrom,
	failureOf,
	folder,
	gguf,
	GGUF_BYTES,
	keys,
	never,
	NONE,
	sha256
} from './delivery-harness.ts';
import type { DeliveryEnvironment } from '#lib/models/delivery.ts';
import { takeRoom, type HostRoom } from '../support/model-host-client.ts';

let room: HostRoom;
const deliver = (changes: Partial<DeliveryEnvironment> = {}) => deliverFrom(room.url, changes);

beforeEach(async () => {
	await clearStores();
	room = await takeRoom();
});

describe('a WebLLM build', () => {
	test('lies in the caches of the library, under its keys, and takes no room beside them', async () => {
		const delivery = deliver();
		expect(await delivery.stored(folder)).toBe(false);
		await delivery.download(folder, { signal: never });
		expect(await delivery.stored(folder)).toBe(true);
		const at = 'someone/some-model/resolve/main/';
		expect(await keys('webllm/config')).toEqual([`${at}mlc-chat-config.json`]);
		expect(await keys('webllm/wasm')).toEqual(['libraries/library.wasm']);
		expect(await keys('webllm/model')).toEqual([
			`${at}params_shard_0.bin`,
			`${at}params_shard_1.bin`,
			`${at}params_shard_2.bin`,
			`${at}tensor-cache.json`,
			`${at}tokenizer.json`
		]);
		expect(await keys('alcove/models')).toEqual([]);
	});

	test('is what the library itself calls cached, and has the bytes that the host has', async () => {
		const { hasModelInCache } = await import('@mlc-ai/web-llm');
		const record = { model: folder.url, model_id: 'folder', model_lib: folder.library };
		const config = { model_list: [record], cacheBackend: 'cache' as const };
		expect(await hasModelInCache('folder', config)).toBe(false);
		await deliver().download(folder, { signal: never });
		expect(await hasModelInCache('folder', config)).toBe(true);
		const key = `${folder.url}params_shard_0.bin`;
		const stored = await caches.match(key);
		const sent = await fetch(`${room.url}params_shard_0.bin`);
		expect(await sha256((await stored?.arrayBuffer()) ?? new ArrayBuffer())).toBe(
			await sha256(await sent.arrayBuffer())
		);
	});

	test('reports progress that grows up to the exact total', async () => {
		const reports: [number, number][] = [];
		const onProgress = (done: number, total: number) => void reports.push([done, total]);
		await deliver().download(folder, { onProgress, signal: never });
		const done = reports.map(([bytes]) => bytes);
		expect(done).toEqual([...done].sort((a, b) => a - b));
		expect(reports.at(-1)?.[0]).toBe(reports.at(-1)?.[1]);
		expect(await deliver().have(folder)).toBe(reports.at(-1)?.[1]);
	});

	test('is gone after removal, library included', async () => {
		const delivery = deliver();
		await delivery.download(folder, { signal: never });
		await delivery.remove(folder);
		expect(await delivery.stored(folder)).toBe(false);
		expect(await delivery.have(folder)).toBe(0);
		for (const name of ['webllm/config', 'webllm/model', 'webllm/wasm', 'alcove/models'])
			expect(await keys(name)).toEqual([]);
	});

	test('leaves the library to another model that needs it', async () => {
		const other = { ...folder, id: 'other', url: `${CANONICAL}someone/other/resolve/main/` };
		const delivery = deliver();
		await delivery.download(folder, { signal: never });
		await delivery.download(other, { signal: never });
		await delivery.remove(folder);
		expect(await delivery.stored(other)).toBe(true);
	});

	test('takes a manifest under its older name for the newer one', async () => {
		await room.order({ file: 'tensor-cache.json', kind: 'status', status: 404 });
		const failure = await failureOf(deliver().download(folder, { signal: never }));
		expect(failure).toMatchObject({ kind: 'http', status: 404 });
		expect((await room.log()).map(({ name }) => name)).toContain('ndarray-cache.json');
	});
});

describe('a GGUF', () => {
	test('opens as one Blob, byte for byte', async () => {
		const delivery = deliver();
		await delivery.download(gguf, { signal: never });
		const [blob, ...rest] = await delivery.open(gguf);
		expect(rest).toEqual([]);
		expect(blob?.size).toBe(GGUF_BYTES);
		const sent = await (await fetch(`${room.url}model.gguf`)).arrayBuffer();
		expect(blob && (await sha256(await blob.arrayBuffer()))).toBe(await sha256(sent));
	});

	test('does not open while it is not complete', async () => {
		await room.order({ file: 'model.gguf', kind: 'cut', at: 5_000_000 });
		await failureOf(deliver({ patience: NONE }).download(gguf, { signal: never }));
		expect((await failureOf(deliver().open(gguf))).kind).toBe('no-storage');
	});

	test('of a size that the catalogue only guesses takes the size that the host tells', async () => {
		const guessed = { ...gguf, bytes: 8_000_000, approximate: true as const };
		const totals: number[] = [];
		const onProgress = (_done: number, total: number) => void totals.push(total);
		await deliver().download(guessed, { onProgress, signal: never });
		expect(totals.at(-1)).toBe(GGUF_BYTES);
		expect(await deliver().stored(guessed)).toBe(true);
	});

	test('beside the app comes from the app, whatever model host there is', async () => {
		const own = { ...gguf, url: new URL('/nothing-here.gguf', location.href).href };
		const failure = await failureOf(deliver().download(own, { signal: never }));
		expect(failure).toMatchObject({ url: own.url });
		expect(await room.log()).toEqual([]);
	});
});

describe('a download that fails', () => {
	const url = () => `${room.url}someone/some-gguf/resolve/main/model.gguf`;

	test.each([403, 404])('with status %i ends at once and says so', async (status) => {
		await room.order({ file: 'model.gguf', kind: 'status', status, times: 9 });
		const failure = await failureOf(deliver().download(gguf, { signal: never }));
		expect(failure).toEqual({ kind: 'http', url: url(), status });
		expect(await room.log()).toHaveLength(1);
	});

	test('with status 500 is tried again before it ends', async () => {
		await room.order({ file: 'model.gguf', kind: 'status', status: 500, times: 9 });
		const failure = await failureOf(deliver().download(gguf, { signal: never }));
		expect(failure).toEqual({ kind: 'http', url: url(), status: 500 });
		expect(await room.log()).toHaveLength(3);
	});

	test('with a web page in place of the manifest', async () => {
		await room.order({ file: 'tensor-cache.json', kind: 'html' });
		const failure = await failureOf(deliver().download(folder, { signal: never }));
		expect(failure).toMatchObject({ kind: 'not-what-was-asked', expected: 'JSON', got: 'text/html' });
		expect(await keys('webllm/model')).toEqual([]);
	});

	test.each(['model.gguf', 'library.wasm', 'tokenizer.json'])(
		'with a web page that poses as %s',
		async (file) => {
			await room.order({ file, kind: 'disguised', times: 2 });
			const build = file === 'model.gguf' ? gguf : folder;
			const failure = await failureOf(deliver().download(build, { signal: never }));
			expect(failure).toMatchObject({ kind: 'not-what-was-asked', got: 'a web page' });
			expect(await deliver().stored(build)).toBe(false);
		}
	);

	test('when the connection is cut is incomplete, and the next try makes it whole', async () => {
		await room.order({ file: 'params_shard_0.bin', kind: 'cut', at: 1_000, times: 1_000 });
		const failure = await failureOf(deliver({ patience: NONE }).download(folder, { signal: never }));
		expect(failure).toMatchObject({ kind: 'truncated', expected: 5_000_000 });
		expect(await deliver().stored(folder)).toBe(false);
		expect(await keys('webllm/model')).not.toContain('someone/some-model/resolve/main/params_shard_0.bin');
		const healed = await takeRoom();
		await deliver({ modelHost: healed.url }).download(folder, { signal: never });
		expect(await deliver().stored(folder)).toBe(true);
		expect((await healed.log()).map(({ name }) => name)).not.toContain('tensor-cache.json');
	});

	test('when the file is shorter than its manifest says', async () => {
		await room.order({ file: 'params_shard_1.bin', kind: 'short', at: 300_000, times: 9 });
		const failure = await failureOf(deliver().download(folder, { signal: never }));
		expect(failure).toMatchObject({ kind: 'truncated', expected: 300_001, got: 300_000 });
	});

	test.each([{ kind: 'hang' as const }, { kind: 'stall' as const, at: 2_000_000 }])(
		'when nothing comes any more: $kind',
		async (fault) => {
			await room.order({ file: 'model.gguf', ...fault });
			const failure = await failureOf(
				deliver({ patience: NONE, stallAfter: 400 }).download(gguf, { signal: never })
			);
			expect(failure).toEqual({ kind: 'stalled', url: url(), after: 400 });
		}
	);

	test('when there is no host', async () => {
		const nowhere = deliver({ modelHost: 'http://127.0.0.1:9/' });
		expect((await failureOf(nowhere.download(gguf, { signal: never }))).kind).toBe('unreachable');
	});

	test('when it is cancelled keeps what came, and the next download asks for the rest', async () => {
		const stop = new AbortController();
		const onProgress = (done: number) => {
			if (done > 4_500_000) stop.abort();
		};
		await room.order({ file: 'model.gguf', kind: 'slow', at: 100_000 });
		const failure = await failureOf(deliver().download(gguf, { onProgress, signal: stop.signal }));
		expect(failure).toEqual({ kind: 'aborted' });
		const have = await deliver().have(gguf);
		expect(have).toBeGreaterThan(4_500_000);
		await deliver().download(gguf, { signal: never });
		expect((await room.log()).map(({ range }) => range)).toEqual([null, `bytes=${have}-`]);
	});
});
