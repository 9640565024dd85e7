import type { Hash } from './files.ts';

/** A hash that grows with what it is given. */
export interface Hasher {
	update(bytes: Uint8Array): void;
	/** In hexadecimal, lower case. */
	end(): string;
}

/** The hashing code is loaded on first use. */
export async function startHash(algorithm: Hash['algorithm']): Promise<Hasher> {
	const { createMD5, createSHA256 } = await import('hash-wasm');
	const hasher = await (algorithm === 'md5' ? createMD5() : createSHA256());
	hasher.init();
	return { update: (bytes) => void hasher.update(bytes), end: () => hasher.digest('hex') };
}

/**
 * The hash of a stream, without holding it: in hexadecimal, lower case.
 * It checks nothing of the stream but its bytes.
 */
export async function digest(
	stream: ReadableStream<Uint8Array>,
	algorithm: Hash['algorithm'],
	signal: AbortSignal
): Promise<string> {
	const hasher = await startHash(algorithm);
	const reader = stream.getReader();
	try {
		for (;;) {
			signal.throwIfAborted();
			const { done, value } = await reader.read();
			if (done) return hasher.end();
			hasher.update(value);
		}
	} finally {
		await reader.cancel();
	}
}
