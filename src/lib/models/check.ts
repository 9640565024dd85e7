import { digest } from './digest.ts';
import { DeliveryError } from './errors.ts';
import type { ModelFile } from './files.ts';
import { inspectStart } from './sniff.ts';

/**
 * Holds a whole file, as it lies on the device, against what is known of it: size, hash, first bytes.
 * @param url where it came from, for the error
 * @param sum its hash, where that was taken as it came
 * @returns what is wrong with it, or undefined
 */
export async function check(
	file: ModelFile,
	blob: Blob,
	url: string,
	signal: AbortSignal,
	sum?: string
): Promise<DeliveryError | undefined> {
	if (file.bytes !== undefined && blob.size !== file.bytes)
		return new DeliveryError({ kind: 'truncated', url, expected: file.bytes, got: blob.size });
	if (file.hash) {
		const { algorithm, value: expected } = file.hash;
		const got = sum ?? (await digest(blob.stream(), algorithm, signal));
		if (got === expected) return undefined;
		return new DeliveryError({ kind: 'corrupt', url, algorithm, expected, got });
	}
	if (file.content === 'json') return checkJson(blob, url);
	return file.content === 'wasm' ? checkModule(blob, url) : checkStart(file, blob, url);
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
