import type { Browser, Page } from 'playwright';
import type { Samples } from './samples.ts';

/** One figure of a result, usually a median. */
export interface Row {
	label: string;
	value: number;
	/** "ms", "MB", "tokens/s", … */
	unit: string;
}

/** Two figures of the same run divided: what a bench is judged by, since machines differ. */
export type Ratio = { label: string; value: number } & ({ atMost: number } | { atLeast: number });

export interface Result {
	rows: Row[];
	ratios: Ratio[];
}

/** What every bench works with. */
export interface Measuring {
	/**
	 * Runs several measurements by turns, so that a slow moment of the machine falls on all of them:
	 * `n` times each, 5 at least, or as often as `--runs` says.
	 * @returns the samples of each, under the same names
	 */
	mediansOf<Name extends string>(
		n: number,
		measures: Record<Name, () => Promise<number>>
	): Promise<Record<Name, Samples>>;
}

/** What a bench in the browser works with: the app as it ships. */
export interface BenchContext extends Measuring {
	browser: Browser;
	/** Address of the built app, ending in "/". */
	baseURL: string;
	/** A page with storage of its own, closed when the bench ends. `cpu: 4` makes it four times slower. */
	newPage(options?: PageOptions): Promise<Page>;
}

export interface PageOptions {
	/** How many times slower than this machine; 1 is as it is. */
	cpu?: number;
	viewport?: { width: number; height: number };
	/** Where relative addresses lead, if not to the app as it ships. */
	origin?: string;
}

interface Named {
	/** Lower case and hyphens: it names the file of its results. */
	name: string;
}

/** A bench file exports `benches: Bench[]`. Of those that need no browser, none is started for them. */
export type Bench =
	| (Named & { browser?: true; run(context: BenchContext): Promise<Result> })
	| (Named & { browser: false; run(context: Measuring): Promise<Result> });

/** Whether a ratio is where it must be. */
export function isMet(ratio: Ratio): boolean {
	return 'atMost' in ratio ? ratio.value <= ratio.atMost : ratio.value >= ratio.atLeast;
}

/** @throws Error when a bench file exports something else */
export function parseBenches(file: string, module: unknown): Bench[] {
	const benches = typeof module === 'object' && module && 'benches' in module ? module.benches : undefined;
	if (!Array.isArray(benches) || !benches.every(isBench)) {
		throw new Error(`${file} must export benches: { name, run }[] with names like "long-answer"`);
	}
	return benches;
}

function isBench(value: unknown): value is Bench {
	if (typeof value !== 'object' || value === null || !('name' in value) || !('run' in value)) return false;
	return typeof value.name === 'string' && /^[a-z0-9-]+$/.test(value.name) && typeof value.run === 'function';
}
