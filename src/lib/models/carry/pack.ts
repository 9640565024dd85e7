/** A model that is on this device, as one file for another. */
import type { Build, Model } from '../catalogue.ts';
import { check } from '../check.ts';
import { digest } from '../digest.ts';
import { DeliveryError } from '../errors.ts';
import type { ModelFile } from '../files.ts';
import { plan } from '../plan.ts';
import type { ModelStore } from '../store.ts';
import { type CarriedFile, encodeHeader } from './format.ts';

/** The file, and what it should be called. */
export interface Packed {
	name: string;
	/** Refers to the bytes in the browser's store: making it takes no room of its own. */
	file: Blob;
}

interface Options {
	onProgress?: (bytesDone: number, bytesTotal: number) => void;
	signal: AbortSignal;
}

/**
 * Packs a complete build. Every file is read and verified on the way.
 * @throws DeliveryError corrupt (the file is removed), no-storage, aborted
 */
export async function pack(
	store: ModelStore,
	{ model, build, base }: { model: Model; build: Build; base: string },
	{ onProgress, signal }: Options
): Promise<Packed> {
	const files = await plan(store, build);
	const blobs = await Promise.all(
		(files ?? []).map(async (file) => ({ file, blob: await store.open(file) }))
	);
	const total = blobs.reduce((sum, { blob }) => sum + (blob?.size ?? 0), 0);
	const listed: CarriedFile[] = [];
	const contents: Blob[] = [];
	let done = 0;
	for (const { file, blob } of blobs) {
		if (!blob) throw new DeliveryError({ kind: 'no-storage', detail: `${file.key} is missing` });
		listed.push({ key: file.key, bytes: blob.size, sha256: await verified(store, file, blob, signal) });
		contents.push(blob);
		onProgress?.((done += blob.size), total);
	}
	if (listed.length === 0)
		throw new DeliveryError({ kind: 'no-storage', detail: `${build.id} is not complete` });
	const header = encodeHeader(model, build, listed, base);
	return {
		name: `${build.id.replace(/[^\w.-]+/g, '-')}.alcovemodel`,
		file: new Blob([header, ...contents], { type: 'application/octet-stream' })
	};
}

/** The SHA-256 of a file that is what its manifest or pin says. */
async function verified(
	store: ModelStore,
	file: ModelFile,
	blob: Blob,
	signal: AbortSignal
): Promise<string> {
	try {
		const fault = await check(file, blob, file.key, signal);
		if (!fault) return await digest(blob.stream(), 'sha256', signal);
		await store.remove(file);
		throw fault;
	} catch (error) {
		if (signal.aborted) throw new DeliveryError({ kind: 'aborted' }, { cause: error });
		throw error;
	}
}
