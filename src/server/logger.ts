import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * All that a line may say. There is no field for a free text, a token, a key, a name or an address: what
 * has no place here cannot be logged by mistake.
 */
export interface LogFields {
	method?: string;
	/** The route's pattern, never the path that was asked for. */
	route?: string;
	status?: number;
	milliseconds?: number;
	/** A word from one of the server's own lists. */
	code?: string;
	count?: number;
	port?: number;
	error?: unknown;
}

export interface Logger {
	debug(event: string, fields?: LogFields): void;
	info(event: string, fields?: LogFields): void;
	warn(event: string, fields?: LogFields): void;
	error(event: string, fields?: LogFields): void;
}

/** Where lines go. */
export interface LogSink {
	write(line: string): void;
	close(): void;
}

const WORD = /^[\w .:/{}*-]{1,100}$/;

/** A logger of one JSON object a line. @param least lines below this level are not written */
export function createLogger(sink: LogSink, least: LogLevel, now: () => number): Logger {
	const write = (level: LogLevel, event: string, fields: LogFields = {}) => {
		if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
		const time = new Date(now()).toISOString();
		sink.write(`${JSON.stringify({ time, level, event, ...clean(fields) })}\n`);
	};
	return {
		debug: (event, fields) => write('debug', event, fields),
		info: (event, fields) => write('info', event, fields),
		warn: (event, fields) => write('warn', event, fields),
		error: (event, fields) => write('error', event, fields)
	};
}

/** Words that look like none are left out: a request's method, for one, is the client's to choose. */
function clean({ error, ...fields }: LogFields): Record<string, unknown> {
	const entries = Object.entries(fields).map(([key, value]) => [
		key,
		typeof value === 'string' && !WORD.test(value) ? '(not a word)' : value
	]);
	return { ...Object.fromEntries(entries), ...(error === undefined ? {} : describe(error)) };
}

/**
 * An error's kind and place, and the code that it or its cause has, with what that means where a database says it.
 * Its message is left out: it may quote what was sent.
 */
function describe(error: unknown): Record<string, unknown> {
	if (!(error instanceof Error)) return { error: typeof error };
	const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
	const at = frames.slice(0, 8).map((line) => line.trim());
	return { error: error.name, errorCode: wordOf(error, 'code'), reason: wordOf(error, 'errstr'), at };
}

/** A word that an error or the first of its causes has that has one. */
function wordOf(error: Error, key: 'code' | 'errstr'): string | undefined {
	for (let one: unknown = error; one instanceof Error; one = one.cause) {
		const word: unknown = Reflect.get(one, key);
		if (typeof word === 'string' && WORD.test(word)) return word;
	}
	return undefined;
}

const standardOutput: LogSink = {
	write: (line) => void process.stdout.write(line),
	close: () => undefined
};

/** A log file's bytes, and how many old ones are kept. */
const LOG_BYTES = 10 * 1_024 * 1_024;
const LOG_FILES = 5;

/** Where a server's lines go. @param file one that is rotated, or null for standard output */
export function openSink(file: string | null): LogSink {
	return file === null ? standardOutput : new RotatingFile(file, LOG_BYTES, LOG_FILES);
}

/** A log file that starts anew at a size: `path`, then `path.1` (newer) to `path.<keep>` (older). */
export class RotatingFile implements LogSink {
	readonly #path: string;
	readonly #maxBytes: number;
	readonly #keep: number;
	#file: number;
	#bytes: number;

	constructor(path: string, maxBytes: number, keep: number) {
		this.#path = path;
		this.#maxBytes = maxBytes;
		this.#keep = keep;
		this.#file = openSync(path, 'a', 0o600);
		this.#bytes = fstatSync(this.#file).size;
	}

	write(line: string): void {
		const bytes = Buffer.byteLength(line);
		if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) this.#rotate();
		writeSync(this.#file, line);
		this.#bytes += bytes;
	}

	close(): void {
		closeSync(this.#file);
	}

	#rotate(): void {
		closeSync(this.#file);
		for (let age = this.#keep - 1; age >= 0; age--) {
			const from = age === 0 ? this.#path : `${this.#path}.${age}`;
			if (existsSync(from)) renameSync(from, `${this.#path}.${age + 1}`);
		}
		this.#file = openSync(this.#path, 'w', 0o600);
		this.#bytes = 0;
	}
}
