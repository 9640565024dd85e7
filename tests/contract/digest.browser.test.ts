import { describe, expect, test } from 'vitest';
import { RunningDigest, startDigest, type DigestThread } from '#lib/models/digest.ts';
import { deliver, failureOf, gguf, never, NONE, clearStores, sha256 } from './delivery-harness.ts';
import { takeRoom } from '../support/model-host-client.ts';

const SIZE = 64 * 1024;

function noise(bytes: number): Uint8Array<ArrayBuffer> {
	const all = new Uint8Array(bytes);
	for (let at = 0; at < bytes; at += SIZE) crypto.getRandomValues(all.subarray(at, at + SIZE));
	return all;
}

describe('the hash of what arrives', () => {
	test('is that of all bytes in order, however they are cut', async () => {
		const all = noise(1_000_001);
		const digest = new RunningDigest(startDigest(), 'sha256');
		let buffer = new ArrayBuffer(SIZE);
		for (let at = 0; at < all.length;) {
			const piece = all.subarray(at, at + 1 + ((at * 7) % SIZE));
			new Uint8Array(buffer).set(piece);
			buffer = await digest.take(buffer, piece.length);
			expect(buffer.byteLength).toBe(SIZE);
			at += piece.length;
		}
		expect(await digest.end()).toBe(await sha256(all));
		digest.close();
	});

	test('can be an MD5', async () => {
		const digest = new RunningDigest(startDigest(), 'md5');
		const text = new TextEncoder().encode('abc');
		await digest.take(text.buffer, text.length);
		// the third of the examples in RFC 1321
		expect(await digest.end()).toBe('900150983cd24fb0d6963f7d28e17f72');
		digest.close();
	});

	test('takes no more buffers than three, however far its thread is behind', async () => {
		let giveBack: (buffer: ArrayBuffer) => void = () => undefined;
		const slow: DigestThread = {
			postMessage: () => undefined,
			addEventListener: (type: string, listener: EventListenerOrEventListenerObject) => {
				if (type !== 'message' || typeof listener !== 'function') return;
				giveBack = (buffer) => listener(new MessageEvent('message', { data: { kind: 'back', buffer } }));
			},
			terminate: () => undefined
		};
		const digest = new RunningDigest(slow, 'sha256');
		const first = new ArrayBuffer(8);
		const third = await digest.take(await digest.take(first, 8), 8);
		const next = digest.take(third, 8);
		giveBack(first);
		expect(await next).toBe(first);
	});

	test('fails by name where its thread breaks, and the download with it', async () => {
		await clearStores();
		const room = await takeRoom();
		const broken = () => Promise.resolve(new Worker('data:text/javascript,throw new Error("broken")'));
		const build = { ...gguf, sha256: '0'.repeat(64) };
		const download = deliver(room.url, { startDigest: broken, patience: NONE }).download(build, {
			signal: never
		});
		const failure = await failureOf(download);
		expect(failure.kind).toBe('no-storage');
		expect(failure).toMatchObject({ detail: expect.stringContaining('broken') });
		expect(await deliver(room.url).stored(build)).toBe(false);
	});
});
