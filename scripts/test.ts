/**
 * `npm test`: style, types, build and every test, in order; a failed step does not hide the later ones.
 * `npm test -- --only unit,browser` runs just those. The last line counts what all of them came to.
 */
import { parseArgs } from 'node:util';
import { clearFaultTable, faultTable } from './lib/fault-table.ts';
import type { Outcome } from './lib/report.ts';
import { GENERATION, STEPS, type Step } from './lib/steps.ts';
import { clearSyncTable, syncTable } from './lib/sync-table.ts';

interface Result {
	name: string;
	outcome: Outcome;
	/** Milliseconds. */
	took: number;
}

function chosenSteps(): Step[] {
	const names = STEPS.map((step) => step.name);
	const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
	const wanted = only?.split(',') ?? names;
	const unknown = wanted.filter((name) => !names.includes(name));
	if (unknown.length)
		throw new Error(`No step is named ${unknown.join(', ')}; there are ${names.join(', ')}`);
	return STEPS.filter((step) => wanted.includes(step.name)).flatMap((step) => step.parts);
}

async function runStep({ name, run }: Step): Promise<Result> {
	console.log(`\n── ${name} ──`);
	const start = performance.now();
	const outcome = await run().catch((error: unknown) => {
		console.error(error);
		return { passed: 0, failed: [`${name}: ${String(error)}`], skipped: [] };
	});
	return { name, outcome, took: performance.now() - start };
}

function counts({ passed, failed, skipped }: Outcome): string {
	return `${passed} passed, ${failed.length} failed${skipped.length ? `, ${skipped.length} skipped` : ''}`;
}

function printSummary(results: Result[]): Outcome {
	const total: Outcome = { passed: 0, failed: [], skipped: [] };
	console.log('\n── summary ──');
	for (const { name, outcome, took } of results) {
		console.log(`${name.padEnd(22)}${counts(outcome)} (${(took / 1000).toFixed(1)} s)`);
		total.passed += outcome.passed;
		total.failed.push(...outcome.failed);
		total.skipped.push(...outcome.skipped);
		for (const test of outcome.retried ?? []) console.log(`passed at its second try: ${test}`);
	}
	for (const { name, reason } of total.skipped)
		console.log(`skipped: ${name}: ${reason || 'no reason given'}`);
	for (const name of total.failed) console.log(`failed: ${name}`);
	return total;
}

clearSyncTable();
clearFaultTable();
const results: Result[] = [];
for (const step of [GENERATION, ...chosenSteps()]) results.push(await runStep(step));
const rooms = syncTable();
if (rooms) console.log(`\n── rooms ──\n${rooms}`);
const faults = faultTable();
if (faults) console.log(`\n── faults ──\n${faults}`);
const total = printSummary(results);
process.exitCode = total.failed.length > 0 || total.passed === 0 ? 1 : 0;
console.log(counts(total));
