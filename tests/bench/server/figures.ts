import { summarize } from '../harness/samples.ts';
import type { Measured } from './job.ts';

export const medianOf = (all: readonly number[]): number => summarize([...all]).median;

/** The median of what one came to against the other in the same round. */
export function against(one: readonly number[], other: readonly number[]): number {
	return medianOf(one.map((value, index) => value / (other[index] ?? NaN)));
}

/** The latency that a part of the deliveries stays below, in milliseconds. */
export function quantile({ latencies }: Measured, part: number): number {
	const sorted = latencies.toSorted((one, other) => one - other);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}
