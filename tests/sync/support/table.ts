import { appendFileSync, mkdirSync } from 'node:fs';
import type { Verdict } from './oracle.ts';

/** Where runs are noted; `npm test` makes a table of it. */
const FILE = new URL('../../../test-results/sync.jsonl', import.meta.url);

/** Notes what a scenario came to, for the report's table. */
export function note(scenario: string, runs: number, verdict: Omit<Verdict, 'stored' | 'wrong'>): void {
	const { acknowledged, lost, doubled, disordered } = verdict;
	mkdirSync(new URL('.', FILE), { recursive: true });
	appendFileSync(FILE, `${JSON.stringify({ scenario, runs, acknowledged, lost, doubled, disordered })}\n`);
}

/** Several verdicts as one. */
export function sum(verdicts: readonly Verdict[]): Verdict {
	const total = (field: 'acknowledged' | 'stored' | 'lost' | 'doubled' | 'disordered') =>
		verdicts.reduce((before, verdict) => before + verdict[field], 0);
	return {
		acknowledged: total('acknowledged'),
		stored: total('stored'),
		lost: total('lost'),
		doubled: total('doubled'),
		disordered: total('disordered'),
		wrong: verdicts.flatMap(({ wrong }) => wrong)
	};
}
