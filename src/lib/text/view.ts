import type { IdleQueue } from './idle-queue.ts';
import type { Labels } from './tree.ts';

/** What drawing needs beside the trees. */
export interface View {
	readonly labels: Labels;
	/** For what can wait: colours and formulas. */
	readonly later: IdleQueue;
	/** Told of what could not be drawn as it should; plain text stands in for it. */
	readonly fail: (error: unknown) => void;
}
