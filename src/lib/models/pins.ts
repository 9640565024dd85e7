/** The parts whose sums a lock file holds: each is verified alone, in memory, while the next one comes. */
import type { PartSums } from './catalogue.ts';

const MIB = 1024 ** 2;

/** Bytes of a part, as `npm run model:lock` cuts them. */
export const PINNED_PART = 8 * MIB;

/** Sizes of parts that are taken, in bytes: several of them are in memory at once. */
const SIZES = { least: MIB, most: 64 * MIB } as const;

export function isPartSize(bytes: number): boolean {
	return bytes >= SIZES.least && bytes <= SIZES.most;
}

/** How many parts a file has. */
export function countParts(bytes: number, size: number): number {
	return Math.ceil(bytes / size);
}

/** A file that is no longer than one part: its own sum is that of the part. */
export function singlePart(bytes: number, sha256: string): PartSums | undefined {
	return bytes <= PINNED_PART ? { size: bytes, sha256: [sha256] } : undefined;
}
