import type { PartSums } from './catalogue.ts';
import { DeliveryError } from './errors.ts';
import type { Hash } from './files.ts';

/** What the thread that hashes is told, in this order; a buffer is handed over, and comes back. */
export type ToDigest =
	| { kind: 'begin'; algorithm: Hash['algorithm'] }
	| { kind: 'bytes'; buffer: ArrayBuffer; length: number }
	| { kind: 'end' };

/** `sum` is in hexadecimal, lower case. */
export type FromDigest =
	{ kind: 'back'; buffer: ArrayBuffer } | { kind: 'sum'; sum: string } | { kind: 'failed'; detail: string };

export type DigestThread = Pick<Worker, 'postMessage' | 'addEventListener' | 'terminate'>;

/** Starts a thread that hashes one file. */
export function startDigest(): DigestThread {
	return new Worker(new URL('./digest.worker.ts', import.meta.url), { type: 'module', name: 'digest' });
}

/** Buffers between the page and the thread: one fills, one is hashed, one evens out. */
const BUFFERS = 3;

/** The hash of what arrives, taken in a thread of its own while the page reads on. */
export class RunningDigest {
	readonly #thread: DigestThread;
	readonly #spare: ArrayBuffer[] = [];
	#given = 1;
	#wanted: { resolve: (buffer: ArrayBuffer) => void; reject: (error: Error) => void } | undefined;
	readonly #sum = Promise.withResolvers<string>();
	#failure: Error | undefined;

	constructor(thread: DigestThread, algorithm: Hash['algorithm']) {
		this.#thread = thread;
		// a failure is told to whoever asks next
		this.#sum.promise.catch(() => undefined);
		thread.addEventListener('message', (event) => this.#hear((event as MessageEvent<FromDigest>).data));
		thread.addEventListener('error', (event) => {
			event.preventDefault();
			this.#fail((event as ErrorEvent).message || 'it could not start');
		});
		this.#tell({ kind: 'begin', algorithm });
	}

	/**
	 * Takes the first `length` bytes of a buffer and the buffer itself.
	 * @returns another of the same size; it waits while the thread is behind, so that memory stays bounded
	 * @throws DeliveryError no-storage where the thread broke
	 */
	async take(buffer: ArrayBuffer, length: number): Promise<ArrayBuffer> {
		if (this.#failure) throw this.#failure;
		const size = buffer.byteLength;
		this.#tell({ kind: 'bytes', buffer, length }, [buffer]);
		const spare = this.#spare.pop();
		if (spare) return spare;
		if (this.#given < BUFFERS) {
			this.#given += 1;
			return new ArrayBuffer(size);
		}
		return new Promise((resolve, reject) => (this.#wanted = { resolve, reject }));
	}

	/** The hash of all that was taken. @throws DeliveryError no-storage where the thread broke */
	end(): Promise<string> {
		this.#tell({ kind: 'end' });
		return this.#sum.promise;
	}

	/** Ends the thread. */
	close(): void {
		this.#thread.terminate();
	}

	#hear(message: FromDigest): void {
		if (message.kind === 'sum') return this.#sum.resolve(message.sum);
		if (message.kind === 'failed') return this.#fail(message.detail);
		if (!this.#wanted) return void this.#spare.push(message.buffer);
		this.#wanted.resolve(message.buffer);
		this.#wanted = undefined;
	}

	#fail(detail: string): void {
		this.#failure = new DeliveryError({ kind: 'no-storage', detail: `the thread that verifies: ${detail}` });
		this.#wanted?.reject(this.#failure);
		this.#sum.reject(this.#failure);
	}

	#tell(message: ToDigest, transfer: Transferable[] = []): void {
		this.#thread.postMessage(message, transfer);
	}
}

/** The SHA-256 of what is in memory, by the browser's own code: in hexadecimal, lower case. */
export async function sha256(bytes: BufferSource): Promise<string> {
	const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return Array.from(sum, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Which sum of a stretch is wrong, in hexadecimal. */
export interface WrongSum {
	expected: string;
	got: string;
}

/** The first part of a stretch that is not what its sum says, by the browser's own SHA-256. */
export async function firstWrong(
	data: Uint8Array<ArrayBuffer>,
	{ size, sha256: sums }: PartSums
): Promise<WrongSum | undefined> {
	for (let from = 0, part = 0; from < data.length; from += size, part += 1) {
		const got = await sha256(data.subarray(from, from + size));
		const expected = sums[part] ?? 'no part';
		if (got !== expected) return { expected, got };
	}
	return undefined;
}

/**
 * The hash of a stream, without holding it: in hexadecimal, lower case.
 * It checks nothing of the stream but its bytes. The hashing code is loaded on first use.
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
