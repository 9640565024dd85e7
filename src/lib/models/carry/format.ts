/**
 * The file in which a model is carried from one device to another: docs/model-file.md describes it.
 * A mark of eight bytes, the length of the header, the header as JSON, then the files' bytes in its order.
 */
import type { Build, Model } from '../catalogue.ts';
import { CarryError } from '../errors.ts';
import { parseModel, portable } from '../own.ts';

/** The mark's last sign is the version of the format. */
const MARK = 'ALCOVEM';
const VERSION = '1';
const PREFIX = MARK.length + VERSION.length + 4;
/** A header is some kilobytes: one that claims more is no header. */
const LONGEST_HEADER = 4 * 1024 ** 2;

/** One file inside. */
export interface CarriedFile {
	/** Its canonical URL. */
	key: string;
	bytes: number;
	/** In hexadecimal, lower case. */
	sha256: string;
}

/** What a file of this format holds, as its header says. */
export interface Carried {
	file: Blob;
	/** The model with the one build that is inside. */
	model: Model;
	build: Build;
	files: CarriedFile[];
	/** Offset of the first file's first byte. */
	start: number;
	/** Bytes of all files inside. */
	total: number;
}

/** The beginning of a file with these contents. @param base the app's base URL: what lies below it is named without it */
export function encodeHeader(
	model: Model,
	build: Build,
	files: CarriedFile[],
	base: string
): Uint8Array<ArrayBuffer> {
	const named = files.map((file) => ({ ...file, key: portable(file.key, base) }));
	const header = new TextEncoder().encode(
		JSON.stringify({ model: portable({ ...model, builds: [build] }, base), files: named })
	);
	const bytes = new Uint8Array(PREFIX + header.length);
	bytes.set(new TextEncoder().encode(MARK + VERSION));
	new DataView(bytes.buffer).setUint32(MARK.length + VERSION.length, header.length, true);
	bytes.set(header, PREFIX);
	return bytes;
}

/**
 * Reads a file's header and holds the file's length against it; its content is not looked at yet.
 * @param base the app's base URL, which the names inside may be relative to
 * @throws CarryError not-one, newer, bad-header, truncated
 */
export async function readCarried(file: Blob, base: string): Promise<Carried> {
	const prefix = new Uint8Array(await file.slice(0, PREFIX).arrayBuffer());
	const mark = String.fromCharCode(...prefix.subarray(0, MARK.length + VERSION.length));
	if (!mark.startsWith(MARK)) throw new CarryError({ kind: 'not-one' });
	if (prefix.length < PREFIX) throw new CarryError({ kind: 'truncated', expected: PREFIX, got: file.size });
	if (mark !== MARK + VERSION) throw new CarryError({ kind: 'newer', version: mark.slice(MARK.length) });
	const length = new DataView(prefix.buffer).getUint32(MARK.length + VERSION.length, true);
	if (length > LONGEST_HEADER) throw badHeader(`a header of ${length} bytes`);
	const start = PREFIX + length;
	if (file.size < start) throw new CarryError({ kind: 'truncated', expected: start, got: file.size });
	const { model, build, files } = parseHeader(await file.slice(PREFIX, start).text(), base);
	const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
	if (file.size < start + total)
		throw new CarryError({ kind: 'truncated', expected: start + total, got: file.size });
	if (file.size > start + total) throw badHeader('bytes behind the last file');
	return { file, model, build, files, start, total };
}

function parseHeader(text: string, base: string): Pick<Carried, 'model' | 'build' | 'files'> {
	let header: unknown;
	try {
		header = JSON.parse(text);
	} catch (cause) {
		throw badHeader(String(cause), cause);
	}
	if (!isRecord(header) || !Array.isArray(header['files'])) throw badHeader('no list of files');
	const model = parseModel(header['model'], base);
	const [build] = model?.builds ?? [];
	if (!model || !build) throw badHeader('no model with a build');
	return { model, build, files: header['files'].map((entry: unknown) => parseFile(entry, base)) };
}

function parseFile(entry: unknown, base: string): CarriedFile {
	const { key, bytes, sha256 } = isRecord(entry) ? entry : {};
	const url = typeof key === 'string' ? URL.parse(key, base)?.href : undefined;
	if (url === undefined) throw badHeader('a file without a key');
	if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0)
		throw badHeader(`no size of ${url}`);
	if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw badHeader(`no SHA-256 of ${url}`);
	return { key: url, bytes, sha256 };
}

function badHeader(detail: string, cause?: unknown): CarryError {
	return new CarryError({ kind: 'bad-header', detail }, { cause });
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
