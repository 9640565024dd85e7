/** What the page and the thread that writes parts say to each other. */
import type { PartSums } from '../catalogue.ts';
import type { Added } from './place.ts';

/** Asks the thread to write a part, in the order of asking, or to let go of the files in a folder. */
export type ToWriter = { id: number; path: string[] } & (
	| {
			kind: 'write';
			name: string;
			/** Offset in the file; where the file does not end there, there is a gap, and nothing is written. */
			from: number;
			/** Its first `bytes` are the part; it comes back. */
			buffer: ArrayBuffer;
			bytes: number;
			/** What they have to be; anything, where they are not given. */
			sums?: PartSums;
	  }
	/** With `keep` only when all that was written is on the disk. */
	| { kind: 'settle'; keep: boolean }
);

export type FromWriter = { id: number } & (
	| ({ kind: 'done' } & Partial<Added>)
	/** As a DOMException says it. */
	| { kind: 'failed'; name: string; message: string }
);

/** On it every thread that writes hears that it has to let go of its files. */
export const LET_GO = 'alcove:parts';
