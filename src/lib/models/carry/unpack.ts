/** A model out of a file, onto this device, verified before it can be used. */
import type { Build } from '../catalogue.ts';
import { check } from '../check.ts';
import { CarryError, DeliveryError } from '../errors.ts';
import { fileAt, type ModelFile } from '../files.ts';
import { plan } from '../plan.ts';
import { end, type Part } from '../parts/place.ts';
import type { ModelStore } from '../store.ts';
import type { Carried, CarriedFile } from './format.ts';

interface Options {
	onProgress?: (bytesDone: number, bytesTotal: number) => void;
	signal: AbortSignal;
}

/** Bytes that are written at once. */
const PIECE = 4 * 1024 ** 2;

/**
 * Writes the files of a carried model, each under its key once its SHA-256 is right, and then holds the
 * build against its own manifest and pins. Files that are here already are left as they are. Whatever
 * goes wrong, nothing of what was written stays.
 * @throws CarryError corrupt, incomplete
 * @throws DeliveryError quota, no-storage, aborted
 */
export async function unpack(
	store: ModelStore,
	carried: Carried,
	build: Build,
	{ onProgress, signal }: Options
): Promise<void> {
	const written: ModelFile[] = [];
	try {
		let at = carried.start;
		for (const entry of carried.files) {
			const file = fileAt(build, entry.key);
			if (!file)
				throw new CarryError({ kind: 'incomplete', detail: `${entry.key} is no file of ${build.id}` });
			if ((await store.size(file)) === undefined) {
				written.push(file);
				const content = carried.file.slice(at, at + entry.bytes);
				const before = at - carried.start;
				await write(store, file, entry, content, signal, (bytes) =>
					onProgress?.(before + bytes, carried.total)
				);
			}
			at += entry.bytes;
			onProgress?.(at - carried.start, carried.total);
		}
		await prove(store, build, signal);
	} catch (error) {
		for (const file of written) await store.remove(file);
		if (signal.aborted) throw new DeliveryError({ kind: 'aborted' }, { cause: error });
		throw error;
	}
}

async function write(
	store: ModelStore,
	file: ModelFile,
	entry: CarriedFile,
	content: Blob,
	signal: AbortSignal,
	onBytes: (bytes: number) => void
): Promise<void> {
	const { createSHA256 } = await import('hash-wasm');
	const hasher = await createSHA256();
	hasher.init();
	await store.dropParts(file);
	const parts: Part[] = [];
	for (let from = 0; from < content.size; from += PIECE) {
		signal.throwIfAborted();
		const piece = await readPiece(content.slice(from, from + PIECE));
		hasher.update(piece);
		parts.push((await store.addPart(file, { from, tag: '', data: piece })).part);
		onBytes(end(parts));
	}
	await store.settle(file);
	if (hasher.digest('hex') !== entry.sha256) throw new CarryError({ kind: 'corrupt', file: entry.key });
	await store.finish(file, parts);
}

/** A file on a stick may be gone in the middle of it. */
async function readPiece(piece: Blob): Promise<Uint8Array<ArrayBuffer>> {
	try {
		return new Uint8Array(await piece.arrayBuffer());
	} catch (cause) {
		throw new CarryError({ kind: 'unreadable', detail: String(cause) }, { cause });
	}
}

/** Holds what was written against the build's own manifest and pins. @throws CarryError */
async function prove(store: ModelStore, build: Build, signal: AbortSignal): Promise<void> {
	const files = await plan(store, build);
	if (!files) throw new CarryError({ kind: 'incomplete', detail: 'no manifest that can be read' });
	for (const file of files) {
		const blob = await store.open(file);
		if (!blob) throw new CarryError({ kind: 'incomplete', detail: `${file.key} is missing` });
		if (await check(file, blob, file.key, signal)) throw new CarryError({ kind: 'corrupt', file: file.key });
	}
}
