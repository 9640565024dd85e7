/** The faults of a download as rows of the fault matrix: each is injected for real, and what arrives is compared. */
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import type { WllamaBuild } from '#lib/models/catalogue.ts';
import type { DeliveryEnvironment } from '#lib/models/delivery.ts';
import { noteFault } from '../support/faults-client.ts';
import { type Fault, type HostRoom, takeRoom } from '../support/model-host-client.ts';
import { eraseModels } from '#lib/models/usage.ts';
import {
	clearStores,
	deliver as deliverFrom,
	failureOf,
	gguf,
	GGUF_BYTES,
	never,
	PART,
	seeded,
	sha256,
	root,
	tamper
} from './delivery-harness.ts';

const FILE = 'model.gguf';
/** Patient enough for a host that is away for a moment, ten times in a row. */
const PATIENT = { tries: 30, pause: 20, longestPause: 60 };

let build: WllamaBuild & { sha256: string };
let room: HostRoom;
let mirror: HostRoom;

beforeAll(async () => {
	const original = await (await fetch(`${(await takeRoom()).url}${FILE}`)).arrayBuffer();
	build = { ...gguf, sha256: await sha256(original) };
});
beforeEach(async () => {
	await clearStores();
	room = await takeRoom();
	mirror = await takeRoom();
});

/** Milliseconds of silence that are given up: few only where silence is the fault, for a busy machine is slow, too. */
const silence = ({ kind }: Fault) => (kind === 'hang' || kind === 'stall' ? 300 : 20_000);

const deliver = (changes: Partial<DeliveryEnvironment> = {}) =>
	deliverFrom(room.url, { patience: PATIENT, ...changes });
/** The host with the faults is asked first, one without any when it is given up. */
const mirrored = (stallAfter: number) =>
	deliverFrom(mirror.url, { mirrors: () => Promise.resolve([room.url]), stallAfter });

/** Bytes that an engine would be given and that are not the model's: all of them where the sum differs. */
async function wrongBytes(): Promise<number> {
	const [blob] = await deliver().open(build);
	if (!blob) throw new Error('the model is not here');
	return (await sha256(await blob.arrayBuffer())) === build.sha256 ? 0 : blob.size;
}

/** How many requests met a fault. */
async function injected(): Promise<number> {
	return (await room.log()).filter(({ fault }) => fault !== null).length;
}

/** A generator's offsets into the file. */
function offsets(seed: number, count: number, below: number): number[] {
	const random = seeded(seed);
	return Array.from({ length: count }, () => 1 + Math.floor(random() * below));
}

const passing: [string, Fault[]][] = [
	['429 with Retry-After', [{ file: FILE, kind: 'status', status: 429, retryAfter: '0', times: 3 }]],
	['500, then well again', [{ file: FILE, kind: 'status', status: 500, times: 3 }]],
	['connection cut', offsets(11, 10, 700_000).map((at) => ({ file: FILE, kind: 'cut', at }))],
	['stalled connection', [2_000_000, 1_000_000].map((at) => ({ file: FILE, kind: 'stall', at }))],
	[
		'no Range support after a cut',
		[
			{ file: FILE, kind: 'cut', at: 5_000_000 },
			{ file: FILE, kind: 'no-range' }
		]
	],
	[
		'wrong bytes after a cut',
		[
			{ file: FILE, kind: 'cut', at: 5_000_000 },
			{ file: FILE, kind: 'flip', at: 1_000 }
		]
	]
];
test.each(passing)('a fault that passes: %s', async (fault, faults) => {
	await room.order(...faults);
	await deliver({ stallAfter: Math.min(...faults.map(silence)) }).download(build, { signal: never });
	const wrong = await wrongBytes();
	await noteFault({ fault: `download: ${fault}`, injected: await injected(), wrong });
	expect(wrong).toBe(0);
	expect(await injected()).toBe(faults.reduce((sum, { times = 1 }) => sum + times, 0));
});

const lasting: [string, Fault][] = [
	['404', { file: FILE, kind: 'status', status: 404, times: 99 }],
	['403', { file: FILE, kind: 'status', status: 403, times: 99 }],
	['500', { file: FILE, kind: 'status', status: 500, times: 99 }],
	['429 for an hour', { file: FILE, kind: 'status', status: 429, retryAfter: '3600', times: 99 }],
	['redirect loop', { file: FILE, kind: 'loop', times: 999 }],
	['a web page for a model', { file: FILE, kind: 'html', times: 99 }],
	['a page that poses as a model', { file: FILE, kind: 'disguised', times: 99 }],
	['truncated', { file: FILE, kind: 'short', at: 6_000_000, times: 99 }],
	['no answer', { file: FILE, kind: 'hang', times: 99 }]
];
test.each(lasting)('a fault that stays is got around by a mirror: %s', async (fault, order) => {
	await room.order(order);
	await mirrored(silence(order)).download(build, { signal: never });
	const wrong = await wrongBytes();
	await noteFault({ fault: `download: ${fault}`, injected: await injected(), wrong });
	expect(wrong).toBe(0);
	expect(await injected()).toBeGreaterThan(0);
	expect(await mirror.log()).not.toHaveLength(0);
});

test('the server killed at ten seeded offsets and back again', async () => {
	room = await takeRoom('mortal-host');
	const kills = offsets(2_026, 10, 1_200_000);
	await room.order(...kills.map((at): Fault => ({ file: FILE, kind: 'kill', at })));
	await deliver().download(build, { signal: never });
	const wrong = await wrongBytes();
	await noteFault({ fault: 'download: server killed and back', injected: await injected(), wrong });
	expect(wrong).toBe(0);
	expect(await injected()).toBe(10);
});

test('one flipped byte at ten seeded offsets', async () => {
	let wrong = 0;
	for (const at of offsets(7, 10, GGUF_BYTES - 2)) {
		await deliver().remove(build);
		await room.order({ file: FILE, kind: 'flip', at });
		await deliver().download(build, { signal: never });
		wrong += await wrongBytes();
	}
	await noteFault({ fault: 'download: one flipped byte', injected: await injected(), wrong });
	expect(wrong).toBe(0);
	expect(await injected()).toBe(10);
});

test('1 kB a second is not given up, and what came is kept', async () => {
	await room.order({ file: FILE, kind: 'slow', at: 1_000, every: 1_000 });
	const leaving = new AbortController();
	const onProgress = (done: number) => {
		if (done >= 3_000) leaving.abort();
	};
	const download = deliver().download(build, { onProgress, signal: leaving.signal });
	expect(await failureOf(download)).toEqual({ kind: 'aborted' });
	expect(await deliver().have(build)).toBeGreaterThanOrEqual(3_000);
	await deliver().download(build, { signal: never });
	const wrong = await wrongBytes();
	await noteFault({ fault: 'download: slow, 1 kB/s', injected: await injected(), wrong });
	expect(wrong).toBe(0);
	expect((await room.log()).map(({ range }) => range === null)).toEqual([true, false]);
});

test('what is stored cut, or deleted, behind the back of the app, ten times', async () => {
	const random = seeded(3);
	await deliver().download(build, { signal: never });
	let wrong = 0;
	for (let round = 0; round < 10; round += 1) {
		const [kind, at] = [random(), Math.floor(random() * GGUF_BYTES)];
		if (kind < 0.2) await caches.delete('alcove/models');
		else if (kind < 0.4) await eraseModels({ caches, root });
		else await tamper(FILE, (file) => file.truncate(at));
		expect(await deliver().stored(build)).toBe(false);
		await deliver().download(build, { signal: never });
		wrong += await wrongBytes();
	}
	await noteFault({ fault: 'stored model: cut or deleted', injected: 10, wrong });
	expect(wrong).toBe(0);
});

test('the browser refuses to promise that storage is kept', async () => {
	let asked = 0;
	const persist = () => Promise.resolve(++asked > 99);
	const storage = { estimate: () => navigator.storage.estimate(), persist };
	await deliver({ storage }).download(build, { signal: never });
	const wrong = await wrongBytes();
	await noteFault({ fault: 'storage: persistence denied', injected: asked, wrong });
	expect(wrong).toBe(0);
	expect(asked).toBe(1);
});

describe('a disk that is full', () => {
	const limit = (quotaSize?: number) =>
		(cdp() as unknown as { send(method: string, options: object): Promise<unknown> }).send(
			'Storage.overrideQuotaForOrigin',
			{ origin: location.origin, ...(quotaSize === undefined ? {} : { quotaSize }) }
		);
	afterEach(() => limit());

	test('at 90 % of the download keeps what came, and the rest is fetched once there is room', async () => {
		let came = 0;
		const fillUp = new TransformStream<Uint8Array, Uint8Array>({
			async transform(chunk, passOn) {
				const before = came;
				came += chunk.length;
				if (came > GGUF_BYTES * 0.9 && before <= GGUF_BYTES * 0.9) {
					// on a busy machine the first part may still be on its way to the disk
					await vi.waitFor(async () => expect(await deliver().have(build)).toBeGreaterThanOrEqual(PART), {
						timeout: 30_000
					});
					await limit(1);
				}
				passOn.enqueue(chunk);
			}
		});
		const filling = async (...request: Parameters<typeof fetch>) => {
			const answer = await fetch(...request);
			return new Response(answer.body?.pipeThrough(fillUp), answer);
		};
		const failure = await failureOf(deliver({ fetch: filling }).download(build, { signal: never }));
		expect(failure.kind).toBe('quota');
		const have = await deliver().have(build);
		await limit();
		await deliver().download(build, { signal: never });
		const wrong = await wrongBytes();
		await noteFault({ fault: 'storage: full at 90 %', injected: 1, wrong });
		expect(wrong).toBe(0);
		expect(have).toBeGreaterThanOrEqual(PART);
		expect((await room.log()).map(({ range }) => range)).toEqual([null, `bytes=${have}-`]);
	});
});
