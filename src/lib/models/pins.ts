/** The parts of a file whose sums a lock file holds: each is verified alone, in memory, as it comes. */
import type { PartSums } from './catalogue.ts';

const KIB = 1024;
const MIB = 1024 ** 2;

/** A longer file is cut. */
const UNCUT = 8 * MIB;

/** Chromium hashes what is shorter than a MiB twice as fast: it copies it, and for more it gets new memory each time. */
const LEAST = 512 * KIB;

/** Sums of a file, at the most: a lock file is read at each start. */
const MOST_SUMS = 1024;

/** Sizes of parts that are taken, in bytes: several of them are in memory at once. */
const SIZES = { least: LEAST, most: 64 * MIB } as const;

/** Bytes of a part of a file of so many, as `npm run model:lock` cuts it. */
export function pinnedPart(bytes: number): number {
	return bytes > UNCUT ? LEAST * Math.ceil(bytes / LEAST / MOST_SUMS) : UNCUT;
}

export function isPartSize(bytes: number): boolean {
	return bytes >= SIZES.least && bytes <= SIZES.most;
}

/** How many parts a file has. */
export function countParts(bytes: number, size: number): number {
	return Math.ceil(bytes / size);
}

/** A file that is not cut: its own sum is that of its only part. */
export function singlePart(bytes: number, sha256: string): PartSums | undefined {
	return bytes <= UNCUT ? { size: bytes, sha256: [sha256] } : undefined;
}

/** The sums of a stretch that begins where a part does. */
export function sumsOf({ size, sha256 }: PartSums, from: number, bytes: number): PartSums {
	return { size, sha256: sha256.slice(from / size, Math.ceil((from + bytes) / size)) };
}

/** Bytes that are read and kept at once. */
const STRETCH = 4 * MIB;

/** Bytes that are read and kept at once: of a file whose parts have sums as many whole ones as go into 4 MiB. */
export function stretchOfParts(parts?: PartSums): number {
	if (!parts) return STRETCH;
	return parts.size * Math.min(parts.sha256.length, Math.max(1, Math.floor(STRETCH / parts.size)));
}
