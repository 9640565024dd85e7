/** One file from one URL into the store, from where an earlier try left off. */
import { readBody } from './body.ts';
import { DeliveryError, type DeliveryFailure } from './errors.ts';
import type { ModelFile } from './files.ts';
import { parseRetryAfter, sizeOf, startOf } from './headers.ts';
import { Requests, type RequestsOptions } from './requests.ts';
import { inspectStart, refuseHtml } from './sniff.ts';
import { type DigestThread, RunningDigest } from './digest.ts';
import { stretchOfParts, sumsOf } from './pins.ts';
import type { Slots } from './slots.ts';
import { end, type Part, type PartPlace } from './parts/place.ts';
import type { ModelStore } from './store.ts';

export interface TransferOptions extends RequestsOptions {
	store: ModelStore;
	/** Milliseconds without a byte after which a connection is given up. */
	stallAfter: number;
	/** Called with the bytes of the file that are here, and its size as soon as it is known. */
	onProgress: (bytes: number, size: number | undefined) => void;
	/** Starts a thread that hashes a file while it comes. */
	startDigest: () => Promise<DigestThread>;
	/** How many parts are written at once, of whichever file. */
	writes: Slots;
	/** Milliseconds since the epoch. */
	now: () => number;
}

/**
 * Fetches the rest of a file, and writes what arrives even when it breaks off.
 * @returns its parts, in all as long as the file should be, and their hash where all of them came just now;
 * what is in them is not yet checked
 * @throws DeliveryError
 */
export async function transfer(file: ModelFile, url: string, options: TransferOptions): Promise<Transferred> {
	const kept = await options.store.parts(file);
	if (file.bytes !== undefined && end(kept) === file.bytes) return { parts: kept, verified: false };
	return new Transfer(file, url, options, kept).run();
}

interface Transferred {
	parts: Part[];
	/** Hash of the whole, where all of it came just now. */
	sum?: string;
	/** Each part was held against its own sum as it came. */
	verified: boolean;
}

class Transfer {
	readonly #file: ModelFile;
	readonly #url: string;
	readonly #options: TransferOptions;
	/** Ends this connection alone, when nothing comes any more. */
	readonly #connection = new AbortController();
	readonly #requests: Requests;
	#stalled = false;
	#answered = false;
	#parts: Part[];
	/** Where the parts of an earlier try lie: the rest goes there too. */
	#place: PartPlace | undefined;
	/** Bytes of a part. */
	readonly #partSize: number;
	/** The next part, filled again and again: a part made of a Blob would wait in memory for a collection. */
	#buffer: ArrayBuffer;
	/** Further ones of the same size, for parts that are written while the next one fills. */
	readonly #spare: ArrayBuffer[] = [];
	#filled = 0;
	/** Where what was handed to the store ends. */
	#end: number;
	/** The parts that are being written, while the next one fills: a browser takes several at once faster. */
	readonly #writing = new Set<Promise<void>>();
	/** Why a part could not be written. */
	#unwritten: { reason: unknown } | undefined;
	/** Of the file from its first byte on; none where parts of it are from an earlier try, or are verified one by one. */
	#digest: RunningDigest | undefined;
	/** Every part of the file is one of this run. */
	#fromStart = false;
	/** Size of the file, once it is known. */
	#size: number | undefined;
	#tag = '';

	constructor(file: ModelFile, url: string, options: TransferOptions, kept: Part[]) {
		this.#file = file;
		this.#url = url;
		this.#options = options;
		this.#parts = kept;
		this.#place = kept.at(-1)?.place;
		this.#end = end(kept);
		this.#size = file.bytes;
		this.#partSize = stretchOfParts(file.parts);
		this.#buffer = new ArrayBuffer(this.#partSize);
		const signal = AbortSignal.any([options.signal, this.#connection.signal]);
		this.#requests = new Requests(file, url, { ...options, signal });
	}

	async run(): Promise<Transferred> {
		this.#options.onProgress(this.#position, this.#size);
		try {
			const answer = await this.#ask();
			await this.#startDigest();
			await this.#receive(answer);
			while (this.#requests.end === this.#position)
				await this.#receive({ response: await this.#goOn(), skip: 0 });
			await this.#flush();
			this.#checkSize();
			const verified = this.#fromStart && this.#file.parts !== undefined;
			return { parts: this.#parts, verified, ...(this.#digest ? { sum: await this.#digest.end() } : {}) };
		} catch (error) {
			throw await this.#explain(error);
		} finally {
			this.#connection.abort();
			this.#digest?.close();
			this.#requests.close();
		}
	}

	/** The whole is hashed as it comes, unless a part is here already, or each part has a sum of its own. */
	async #startDigest(): Promise<void> {
		const { hash, parts } = this.#file;
		this.#fromStart = this.#position === 0;
		if (hash && !parts && this.#fromStart)
			this.#digest = new RunningDigest(await this.#options.startDigest(), hash.algorithm);
	}

	/** Bytes of the file that are here, written or not. */
	get #position(): number {
		return this.#end + this.#filled;
	}

	async #ask(): Promise<{ response: Response; skip: number }> {
		const response = await this.#request();
		if (response.status === 416 && this.#position > 0) {
			await this.#startOver();
			return { response: this.#accept(await this.#request()), skip: 0 };
		}
		this.#accept(response);
		this.#size ??= sizeOf(response, this.#file);
		const tag = this.#file.hash ? '' : (response.headers.get('etag') ?? '');
		const known = this.#parts[0];
		const start = startOf(response) ?? this.#position;
		if (known && (known.tag !== tag || start !== this.#position)) return this.#reconcile(response, tag);
		this.#tag = tag;
		return { response, skip: 0 };
	}

	/** The server sent something other than the rest that was asked for: the whole, or another file's rest. */
	async #reconcile(response: Response, tag: string): Promise<{ response: Response; skip: number }> {
		const sameFile = this.#parts[0]?.tag === tag;
		this.#tag = tag;
		if (sameFile && response.status === 200) return { response, skip: this.#position };
		await this.#startOver();
		if (response.status === 200) return { response, skip: 0 };
		await response.body?.cancel();
		return { response: this.#accept(await this.#request()), skip: 0 };
	}

	async #startOver(): Promise<void> {
		await Promise.all(this.#writing);
		await this.#options.store.dropParts(this.#file);
		this.#parts = [];
		this.#place = undefined;
		[this.#end, this.#filled] = [0, 0];
	}

	#request(): Promise<Response> {
		return this.#inTime(this.#requests.from(this.#position));
	}

	/** The rest of the file from the next stretch on. */
	async #goOn(): Promise<Response> {
		const at = this.#position;
		try {
			const response = this.#accept(await this.#inTime(this.#requests.next(at)));
			const tag = this.#file.hash ? '' : (response.headers.get('etag') ?? '');
			if (response.status === 206 && (startOf(response) ?? at) === at && tag === this.#tag) return response;
			// the next try finds out what the server has by now
			const expected = this.#size ?? 0;
			throw this.#failure({ kind: 'truncated', url: this.#url, expected, got: at });
		} catch (error) {
			await this.#flush();
			throw error;
		}
	}

	#accept(response: Response): Response {
		if (response.status !== 200 && response.status !== 206) {
			const retryAfter = parseRetryAfter(response.headers.get('retry-after'), this.#options.now());
			const failure = { kind: 'http', url: this.#url, status: response.status } as const;
			throw new DeliveryError(retryAfter === undefined ? failure : { ...failure, retryAfter });
		}
		refuseHtml(response, this.#url, this.#file);
		this.#answered = true;
		return response;
	}

	async #receive({ response, skip }: { response: Response; skip: number }): Promise<void> {
		if (!response.body) return;
		const read = readBody(response.body);
		let passOver = skip;
		for (let chunk = await this.#inTime(read()); chunk; chunk = await this.#inTime(read())) {
			this.#requests.heard(chunk.length);
			const fresh = chunk.subarray(passOver);
			passOver -= chunk.length - fresh.length;
			if (fresh.length > 0) await this.#take(fresh);
			this.#requests.lookAhead(this.#position);
		}
	}

	async #take(chunk: Uint8Array): Promise<void> {
		const before = this.#position;
		if (this.#size !== undefined && before + chunk.length > this.#size) throw await this.#tooLong(this.#size);
		for (let rest = chunk; rest.length > 0;) {
			// a part ends where its sum does, wherever an earlier try broke off
			const room = this.#partSize - (this.#end % this.#partSize) - this.#filled;
			const piece = rest.subarray(0, room);
			new Uint8Array(this.#buffer).set(piece, this.#filled);
			this.#filled += piece.length;
			rest = rest.subarray(piece.length);
			if (before < 4 && this.#end === 0)
				inspectStart(new Uint8Array(this.#buffer, 0, this.#filled), this.#url, this.#file);
			if (piece.length === room) await this.#write();
		}
		this.#options.onProgress(this.#position, this.#size);
	}

	async #tooLong(size: number): Promise<DeliveryError> {
		await this.#startOver();
		const expected = `${size} bytes`;
		return this.#failure({ kind: 'not-what-was-asked', url: this.#url, expected, got: 'more bytes' });
	}

	/** Hands what is in the buffer to the store, as soon as that has room for it. */
	async #write(): Promise<void> {
		if (this.#filled === 0) return;
		await this.#options.writes.take();
		const [buffer, bytes, from] = [this.#buffer, this.#filled, this.#end];
		const writing = this.#keep(from, buffer, bytes)
			// whoever writes or flushes next hears of it
			.catch((reason: unknown) => (this.#unwritten ??= { reason }))
			.then(() => {
				this.#options.writes.release();
				this.#writing.delete(writing);
			});
		this.#writing.add(writing);
		this.#end += bytes;
		this.#filled = 0;
		if (this.#digest) this.#buffer = await this.#digest.take(buffer, bytes);
		else this.#buffer = this.#spare.pop() ?? new ArrayBuffer(this.#partSize);
		this.#throwUnwritten();
	}

	/** @throws DeliveryError corrupt for a whole part that is not what its sum says; it is not stored */
	async #keep(from: number, buffer: ArrayBuffer, bytes: number): Promise<void> {
		const { parts } = this.#file;
		const data = new Uint8Array(this.#digest ? this.#copy(buffer, bytes) : buffer, 0, bytes);
		// what an earlier try left of a part, or this one leaves, is verified with the whole
		const whole =
			parts && from % parts.size === 0 && (bytes % parts.size === 0 || from + bytes === this.#size);
		const sums = whole ? sumsOf(parts, from, bytes) : undefined;
		const {
			part,
			buffer: back,
			wrong
		} = await this.#options.store.addPart(this.#file, {
			from,
			tag: this.#tag,
			data,
			sums,
			place: this.#place
		});
		this.#spare.push(back);
		if (wrong) throw this.#failure({ kind: 'corrupt', url: this.#url, algorithm: 'sha256', ...wrong });
		this.#parts.push(part);
	}

	/** The thread that hashes takes the buffer itself. */
	#copy(buffer: ArrayBuffer, bytes: number): ArrayBuffer {
		const copy = this.#spare.pop() ?? new ArrayBuffer(this.#partSize);
		new Uint8Array(copy).set(new Uint8Array(buffer, 0, bytes));
		return copy;
	}

	async #flush(): Promise<void> {
		await this.#write();
		await Promise.all(this.#writing);
		this.#throwUnwritten();
		this.#parts.sort((one, other) => one.from - other.from);
	}

	#throwUnwritten(): void {
		if (this.#unwritten) throw this.#unwritten.reason;
	}

	#checkSize(): void {
		const got = this.#position;
		if (this.#size === undefined || got === this.#size) return;
		throw this.#failure({ kind: 'truncated', url: this.#url, expected: this.#size, got });
	}

	/** The promise's value, unless nothing comes for too long: then the connection is ended. */
	async #inTime<T>(promise: Promise<T>): Promise<T> {
		const timer = setTimeout(() => {
			this.#stalled = true;
			this.#connection.abort();
		}, this.#options.stallAfter);
		try {
			return await promise;
		} finally {
			clearTimeout(timer);
		}
	}

	/** What went wrong, by name; what had arrived is written first. */
	async #explain(error: unknown): Promise<unknown> {
		await Promise.all(this.#writing);
		if (error instanceof DeliveryError) return error;
		const got = this.#position;
		await this.#flush();
		const { signal, stallAfter } = this.#options;
		if (signal.aborted) return this.#failure({ kind: 'aborted' }, error);
		if (error instanceof Error && error.name === 'NoNetworkError')
			return this.#failure({ kind: 'no-network' }, error);
		if (this.#stalled) return this.#failure({ kind: 'stalled', url: this.#url, after: stallAfter }, error);
		if (this.#answered && this.#size !== undefined)
			return this.#failure({ kind: 'truncated', url: this.#url, expected: this.#size, got }, error);
		return this.#failure({ kind: 'unreachable', url: this.#url, detail: String(error) }, error);
	}

	#failure(failure: DeliveryFailure, cause?: unknown): DeliveryError {
		return new DeliveryError(failure, { cause });
	}
}
