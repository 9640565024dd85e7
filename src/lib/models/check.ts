import type { PartSums } from './catalogue.ts';
import { digest, firstWrong } from './digest.ts';
import { DeliveryError } from './errors.ts';
import type { Hash, ModelFile } from './files.ts';
import { stretchOfParts, sumsOf } from './pins.ts';
import { inspectStart } from './sniff.ts';

/**
 * Holds a whole file, as it lies on the device, against what is known of it: size, hash, first bytes.
 * @param url where it came from, for the error
 * @returns what is wrong with it, or undefined
 */
export async function check(
	file: ModelFile,
	blob: Blob,
	url: string,
	signal: AbortSignal
): Promise<DeliveryError | undefined> {
	const short = checkLength(file, url, blob.size);
	if (short) return short;
	if (file.parts) return checkParts(file.parts, blob, url, signal);
	if (file.hash) return checkSum(file.hash, url, await digest(blob.stream(), file.hash.algorithm, signal));
	if (file.content === 'json') return checkJson(blob, url);
	return file.content === 'wasm' ? checkModule(blob, url) : checkStart(file, blob, url);
}

async function checkParts(
	parts: PartSums,
	blob: Blob,
	url: string,
	signal: AbortSignal
): Promise<DeliveryError | undefined> {
	const step = stretchOfParts(parts);
	for (let from = 0; from < blob.size; from += step) {
		signal.throwIfAborted();
		const data = await blob.slice(from, from + step).arrayBuffer();
		const wrong = await firstWrong(new Uint8Array(data), sumsOf(parts, from, data.byteLength));
		if (wrong) return new DeliveryError({ kind: 'corrupt', url, algorithm: 'sha256', ...wrong });
	}
	return undefined;
}

/**
 * The same as `check` for a file that need not be read again: its hash was taken as it came, or its parts were
 * verified one by one, and there is no `sum`.
 */
export function checkArrived(
	file: ModelFile,
	url: string,
	{ bytes, sum }: { bytes: number; sum: string | undefined }
): DeliveryError | undefined {
	const short = checkLength(file, url, bytes);
	return short ?? (file.hash && sum !== undefined ? checkSum(file.hash, url, sum) : undefined);
}

function checkLength({ bytes }: ModelFile, url: string, got: number): DeliveryError | undefined {
	if (bytes === undefined || got === bytes) return undefined;
	return new DeliveryError({ kind: 'truncated', url, expected: bytes, got });
}

function checkSum({ algorithm, value: expected }: Hash, url: string, got: string): DeliveryError | undefined {
	return got === expected ? undefined : new DeliveryError({ kind: 'corrupt', url, algorithm, expected, got });
}

/** A library without a known size or sum shows by itself whether it is whole. */
async function checkModule(blob: Blob, url: string): Promise<DeliveryError | undefined> {
	if (WebAssembly.validate(await blob.arrayBuffer())) return undefined;
	const expected = 'a WebAssembly module';
	return new DeliveryError({ kind: 'not-what-was-asked', url, expected, got: 'a broken one' });
}

async function checkJson(blob: Blob, url: string): Promise<DeliveryError | undefined> {
	try {
		JSON.parse(await blob.text());
		return undefined;
	} catch (cause) {
		const failure = { kind: 'not-what-was-asked', url, expected: 'JSON', got: String(cause) } as const;
		return new DeliveryError(failure, { cause });
	}
}

async function checkStart(file: ModelFile, blob: Blob, url: string): Promise<DeliveryError | undefined> {
	try {
		inspectStart(new Uint8Array(await blob.slice(0, 4).arrayBuffer()), url, file);
		return undefined;
	} catch (error) {
		if (error instanceof DeliveryError) return error;
		throw error;
	}
}
