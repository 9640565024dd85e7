import type { Hash } from './files.ts';

/**
 * The hash of a stream, without holding it: in hexadecimal, lower case.
 * The hashing code is loaded on first use, and checks nothing of the stream but its bytes.
 */
export async function digest(
	stream: ReadableStream<Uint8Array>,
	algorithm: Hash['algorithm'],
	signal: AbortSignal
): Promise<string> {
	const { createMD5, createSHA256 } = await import('hash-wasm');
	const hasher = await (algorithm === 'md5' ? createMD5() : createSHA256());
	hasher.init();
	const reader = stream.getReader();
	try {
		for (;;) {
			signal.throwIfAborted();
			const { done, value } = await reader.read();
			if (done) return hasher.digest('hex');
			hasher.update(value);
		}
	} finally {
		await reader.cancel();
	}
}
