/** A file that is too large to be asked for at once. */
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { WllamaBuild } from '#lib/models/catalogue.ts';
import type { DeliveryEnvironment } from '#lib/models/delivery.ts';
import { takeRoom, type HostRoom } from '../support/model-host-client.ts';
import { clearStores, deliver as deliverFrom, gguf, GGUF_BYTES, never, sha256 } from './delivery-harness.ts';

const STRETCH = 2_000_000;

let room: HostRoom;
let build: WllamaBuild & { sha256: string };
const deliver = (changes: Partial<DeliveryEnvironment> = {}) =>
	deliverFrom(room.url, { stretch: () => STRETCH, ...changes });

beforeAll(async () => {
	const original = await (await fetch(`${(await takeRoom()).url}model.gguf`)).arrayBuffer();
	build = { ...gguf, sha256: await sha256(original) };
});

beforeEach(async () => {
	await clearStores();
	room = await takeRoom();
});

async function ranges(): Promise<(string | null)[]> {
	return (await room.log()).map(({ range }) => range);
}

async function stored(): Promise<string | undefined> {
	const [blob] = await deliver().open(build);
	return blob && sha256(await blob.arrayBuffer());
}

test('comes in stretches, each noted with its bytes, and is whole', async () => {
	const noted: number[] = [];
	const note = () => (outcome: { received: number }) => void noted.push(outcome.received);
	const done: number[] = [];
	const onProgress = (bytes: number) => void done.push(bytes);
	await deliver({ note }).download(build, { onProgress, signal: never });
	const firsts = [0, 1, 2, 3].map((n) => `bytes=${n * STRETCH}-${(n + 1) * STRETCH - 1}`);
	expect(await ranges()).toEqual([...firsts, `bytes=${4 * STRETCH}-`]);
	expect(noted).toEqual([STRETCH, STRETCH, STRETCH, STRETCH, GGUF_BYTES - 4 * STRETCH]);
	expect(done).toEqual(done.toSorted((a, b) => a - b));
	expect(await stored()).toBe(build.sha256);
});

test('goes on inside the stretch that broke', async () => {
	// what comes before a silence is read; of what comes before a cut the browser drops as much as it likes
	await room.order({ file: 'model.gguf', kind: 'stall', at: 1_500_000 });
	await deliver({ stallAfter: 1_000 }).download(build, { signal: never });
	const starts = (await ranges()).map((range) => Number(/\d+/.exec(range ?? '')?.[0]));
	// the next stretch was asked for before this one broke
	const again = starts.slice(1).find((start) => start < STRETCH);
	expect(again).toBe(1_500_000);
	expect(await stored()).toBe(build.sha256);
});

test('comes at once from a host that sends no ranges', async () => {
	await room.order({ file: 'model.gguf', kind: 'no-range', times: 9 });
	await deliver().download(build, { signal: never });
	expect(await ranges()).toEqual([`bytes=0-${STRETCH - 1}`]);
	expect(await stored()).toBe(build.sha256);
});

test('comes at once from a host that lets no other origin ask for ranges', async () => {
	const refusing: typeof fetch = (input, init) =>
		new Headers(init?.headers).has('range') ? Promise.reject(new TypeError('preflight')) : fetch(input, init);
	await deliver({ fetch: refusing }).download(build, { signal: never });
	expect(await ranges()).toEqual([null]);
	expect(await stored()).toBe(build.sha256);
});

test('is begun anew when the host has another version by the next stretch', async () => {
	const unpinned = { ...gguf };
	await room.order({ file: 'model.gguf', kind: 'other-version' });
	await deliver().download(unpinned, { signal: never });
	expect((await ranges()).filter((range) => range?.startsWith('bytes=0-'))).toHaveLength(2);
	expect(await stored()).toBe(build.sha256);
});

test('is refused in the middle by name, and keeps what came', async () => {
	let asked = 0;
	const tired: typeof fetch = (input, init) =>
		++asked === 3 ? Promise.resolve(new Response('no', { status: 429 })) : fetch(input, init);
	await deliver({ fetch: tired }).download(build, { signal: never });
	const starts = (await ranges()).map((range) => /\d+/.exec(range ?? '')?.[0]);
	expect(starts).toEqual(['0', '2000000', '4000000', '6000000', '8000000']);
	expect(await stored()).toBe(build.sha256);
});
