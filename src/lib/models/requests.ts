/** The requests that bring a file: one for all of it, or one after another for stretches of a large one. */
import type { ModelFile } from './files.ts';

/** Told of each request before it is made; what it returns is told how that ended. Sizes are bytes. */
export type Note = (url: string) => (outcome: { status: number; received: number }) => void;

export interface RequestsOptions {
	fetch: typeof globalThis.fetch;
	note?: Note | undefined;
	/** Bytes of a file of so many that are asked for at once. */
	stretch: (size: number) => number;
	signal: AbortSignal;
}

const MIB = 1024 ** 2;

/** How near the end of a stretch the next is asked for: nobody should wait for the way to the server and back. */
const AHEAD = 4 * MIB;

/**
 * Bytes to ask for at once of a file of so many. A browser takes in what a server sends, up to 100 MB of it,
 * however slowly the page reads, and when the connection breaks it drops what was not read: stretches bound
 * both the memory and what has to come again.
 */
export function stretchOf(size: number): number {
	return size <= 32 * MIB ? size : Math.min(Math.max(8 * MIB, Math.ceil(size / 24)), 64 * MIB);
}

interface Asked {
	response: Promise<Response>;
	/** Where the stretch ends that was asked for; undefined for all the rest. */
	end: number | undefined;
	status: number;
	received: number;
	/** Tells whoever notes it. */
	over: ReturnType<Note> | undefined;
}

export class Requests {
	readonly #file: ModelFile;
	readonly #url: string;
	readonly #options: RequestsOptions;
	/** What is being read, and what is to be read after it. */
	#current: Asked | undefined;
	#ahead: Asked | undefined;
	/** The server is not to be asked for stretches. */
	#whole = false;

	constructor(file: ModelFile, url: string, options: RequestsOptions) {
		this.#file = file;
		this.#url = url;
		this.#options = options;
	}

	/** Where the stretch ends that is being read; undefined where all the rest was asked for, or was sent. */
	get end(): number | undefined {
		return this.#current?.end;
	}

	/** Asks for the file from an offset on. */
	async from(at: number): Promise<Response> {
		const asked = this.#send(at);
		try {
			return await this.#read(asked);
		} catch (error) {
			// a server may refuse other origins to ask for stretches, but not for the file
			if (!(error instanceof TypeError && asked.end !== undefined && at === 0)) throw error;
			this.#whole = true;
			return this.#read(this.#send(at));
		}
	}

	/** Goes on with the next stretch, which may be under way already. */
	next(at: number): Promise<Response> {
		return this.#read(this.#ahead ?? this.#send(at));
	}

	/** So many bytes of the body were read. */
	heard(bytes: number): void {
		if (this.#current) this.#current.received += bytes;
	}

	/** Asks for the next stretch when the one that is read is nearly here. */
	lookAhead(position: number): void {
		const end = this.#current?.end;
		if (end !== undefined && position >= end - AHEAD) this.#ahead ??= this.#send(end);
	}

	/** Nothing more is read. */
	close(): void {
		for (const asked of [this.#current, this.#ahead]) tell(asked);
		[this.#current, this.#ahead] = [undefined, undefined];
	}

	async #read(asked: Asked): Promise<Response> {
		tell(this.#current);
		[this.#current, this.#ahead] = [asked, undefined];
		const response = await asked.response;
		asked.status = response.status;
		if (response.status === 200) asked.end = undefined;
		return response;
	}

	#send(from: number): Asked {
		const { fetch, note, signal } = this.#options;
		const end = this.#stretchFrom(from);
		const range = `bytes=${from}-${end === undefined ? '' : end - 1}`;
		const over = note?.(this.#url);
		const response = fetch(this.#url, {
			// the files have a cache of their own: the browser's would store them twice
			cache: 'no-store',
			credentials: 'omit',
			referrerPolicy: 'no-referrer',
			...(from > 0 || end !== undefined ? { headers: { range } } : {}),
			signal
		});
		// whoever reads it hears of a failure
		response.catch(() => undefined);
		return { response, end, status: 0, received: 0, over };
	}

	#stretchFrom(from: number): number | undefined {
		const size = this.#file.bytes;
		if (size === undefined || this.#whole) return undefined;
		const end = from + this.#options.stretch(size);
		return end < size ? end : undefined;
	}
}

function tell(asked: Asked | undefined): void {
	asked?.over?.({ status: asked.status, received: asked.received });
}
