import { existsSync, readFileSync, rmSync } from 'node:fs';
import { ROOT } from './process.ts';
import { textTable } from './table.ts';

const FILE = `${ROOT}test-results/sync.jsonl`;
const COLUMNS = ['scenario', 'runs', 'acknowledged', 'lost', 'doubled', 'disordered'];
const TITLES = ['scenario', 'runs', 'acknowledged', 'lost', 'doubled', 'out of order'];

/** Forgets the runs of before. */
export function clearSyncTable(): void {
	rmSync(FILE, { force: true });
}

/** @returns what the sync tests noted, as a table for people; empty when none of them ran */
export function syncTable(): string {
	if (!existsSync(FILE)) return '';
	const lines = readFileSync(FILE, 'utf8').trim().split('\n');
	const rows = lines.map((line) => {
		const run = JSON.parse(line) as Record<string, unknown>;
		return COLUMNS.map((name) => String(run[name]));
	});
	return textTable([TITLES, ...rows]);
}
