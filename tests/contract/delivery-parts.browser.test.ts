/** A file whose parts have sums of their own, as a lock file has them of large ones. */
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { WllamaBuild } from '#lib/models/catalogue.ts';
import type { DeliveryEnvironment } from '#lib/models/delivery.ts';
import { takeRoom, type HostRoom } from '../support/model-host-client.ts';
import { clearStores, deliver as deliverFrom, gguf, never, sha256, tamper } from './delivery-harness.ts';

const PART = 1024 ** 2;

let room: HostRoom;
let build: WllamaBuild & { sha256: string };
const deliver = (changes: Partial<DeliveryEnvironment> = {}) => deliverFrom(room.url, changes);

beforeAll(async () => {
	const original = await (await fetch(`${(await takeRoom()).url}model.gguf`)).arrayBuffer();
	const parts = Array.from({ length: Math.ceil(original.byteLength / PART) }, (_, part) =>
		sha256(original.slice(part * PART, (part + 1) * PART))
	);
	const sums = { size: PART, sha256: await Promise.all(parts) };
	build = { ...gguf, sha256: await sha256(original), parts: sums };
});

beforeEach(async () => {
	await clearStores();
	room = await takeRoom();
});

const ranges = async () => (await room.log()).map(({ range }) => range);

async function stored(): Promise<string | undefined> {
	const [blob] = await deliver().open(build);
	return blob && sha256(await blob.arrayBuffer());
}

test('needs no thread of ours to be verified', async () => {
	const startDigest = () => Promise.reject(new Error('no thread was to be started'));
	await deliver({ startDigest }).download(build, { signal: never });
	expect(await stored()).toBe(build.sha256);
});

test('is verified as it comes: of a spoiled part what stands before it is kept', async () => {
	await room.order({ file: 'model.gguf', kind: 'flip', at: 4.5 * PART });
	await deliver().download(build, { signal: never });
	expect(await ranges()).toEqual([null, `bytes=${4 * PART}-`]);
	expect(await stored()).toBe(build.sha256);
});

test('is verified as a whole where a part came in two pieces', async () => {
	// what comes before a silence is read; of what comes before a cut the browser drops as much as it likes
	await room.order(
		{ file: 'model.gguf', kind: 'stall', at: 4.5 * PART },
		{ file: 'model.gguf', kind: 'flip', at: PART / 4 }
	);
	await deliver({ stallAfter: 1_000 }).download(build, { signal: never });
	expect(await ranges()).toEqual([null, `bytes=${4.5 * PART}-`, null]);
	expect(await stored()).toBe(build.sha256);
});

test('is taken in chunks larger than a part', async () => {
	// a page that was busy for a moment gets all that came meanwhile at once
	const atOnce = async (...request: Parameters<typeof fetch>) => {
		const answer = await fetch(...request);
		const whole = await answer.bytes();
		const body = new ReadableStream({
			start(controller) {
				controller.enqueue(whole);
				controller.close();
			}
		});
		return new Response(body, answer);
	};
	await deliver({ fetch: atOnce }).download(build, { signal: never });
	expect(await stored()).toBe(build.sha256);
});

test('is found damaged when it is looked at again', async () => {
	await deliver().download(build, { signal: never });
	await tamper('model.gguf', (file) =>
		file.write({ type: 'write', position: 3 * PART, data: new Uint8Array(9) })
	);
	expect(await deliver().verify(build, { signal: never })).toEqual({ missing: [], corrupt: [build.url] });
	expect(await deliver().stored(build)).toBe(false);
});
