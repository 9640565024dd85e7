import type { PartSums } from '../catalogue.ts';
import type { WrongSum } from '../digest.ts';

/** A stretch of a file that has arrived. */
export interface Part {
	/** Offset of its first byte in the file. */
	from: number;
	bytes: number;
	/** The server's ETag for the file it is a part of, or "" where it gave none. */
	tag: string;
	/** Where it lies. */
	place: PartPlace;
}

/** What names a part within its file. */
export type PartName = Pick<Part, 'from' | 'bytes' | 'tag'>;

/** What became of a part: kept, or refused for a sum. */
export interface Added {
	/** For further use. */
	buffer: ArrayBuffer;
	/** Where it is refused, and not kept. */
	wrong?: WrongSum;
}

/** Where the stretches of files lie until a file is whole, or for good. Files are named by their canonical URLs. */
export interface PartPlace {
	/** What there is of a file, in no order. */
	list(fileKey: string): Promise<PartName[]>;
	/**
	 * Keeps one part: whole, or not at all. Parts of a file are added in order, from where those that are there end.
	 * @param data begins where its buffer does; the buffer is handed over, and comes back
	 * @param sums what it has to be; anything, where they are not given
	 * @throws DOMException QuotaExceededError where the disk is full, others where the browser will not
	 */
	add(fileKey: string, name: PartName, data: Uint8Array<ArrayBuffer>, sums?: PartSums): Promise<Added>;
	/** To be called when no more parts come for now: what was added is on the disk, and anyone may go on with it. */
	settle(fileKey: string): Promise<void>;
	/** The bytes of each part, which stay on the disk; undefined where it is gone. */
	read(fileKey: string, names: readonly PartName[]): Promise<(Blob | undefined)[]>;
	delete(fileKey: string, name: PartName): Promise<void>;
	/** Deletes all parts of the files whose URLs lie below this one. */
	deleteBelow(url: string): Promise<void>;
}

/** Where the parts end, in bytes. */
export function end(parts: PartName[]): number {
	const last = parts.at(-1);
	return last ? last.from + last.bytes : 0;
}
