import { existsSync, readFileSync, rmSync } from 'node:fs';
import { ROOT } from './process.ts';
import { textTable } from './table.ts';

/** Where `tests/support/faults.ts` notes what was injected. */
export const FAULT_NOTES = `${ROOT}test-results/faults.jsonl`;

/**
 * What came of a fault that a test injected for real. A count that the fault cannot touch is left out:
 * a bad download loses no message, a killed browser has no model's bytes in hand.
 */
export interface FaultNote {
	/** In a few words, as the table shows it; notes of the same words are added up. */
	fault: string;
	/** How often it was injected. */
	injected: number;
	/** Messages, or acknowledged words of one, that were there before and not after; 0 is what is wanted. */
	lost?: number;
	/** Answers that were cut and came to their end all the same. */
	resumed?: number;
	/** Wrong bytes that were taken for good ones; 0 is what is wanted. */
	wrong?: number;
}

const COUNTS = ['injected', 'lost', 'resumed', 'wrong'] as const;
const TITLES = ['fault', 'injected', 'messages lost', 'answers resumed', 'wrong bytes used'];

/** Forgets the runs of before. */
export function clearFaultTable(): void {
	rmSync(FAULT_NOTES, { force: true });
}

/** @returns what the tests noted, as a table for people; empty when none of them ran */
export function faultTable(): string {
	if (!existsSync(FAULT_NOTES)) return '';
	const lines = readFileSync(FAULT_NOTES, 'utf8').trim().split('\n');
	return tableOf(lines.map((line) => JSON.parse(line) as FaultNote));
}

/** The fault matrix: a row for each fault, in the order of their first notes, and a last one for all of them. */
export function tableOf(notes: readonly FaultNote[]): string {
	const rows = [...Map.groupBy(notes, ({ fault }) => fault)].map(([fault, same]) => rowOf(fault, same));
	return textTable([TITLES, ...rows, rowOf('all', notes)]);
}

function rowOf(name: string, notes: readonly FaultNote[]): string[] {
	const sums = COUNTS.map((count) => {
		const told = notes.flatMap((note) => note[count] ?? []);
		return told.length === 0 ? '–' : String(told.reduce((sum, value) => sum + value, 0));
	});
	return [name, ...sums];
}
