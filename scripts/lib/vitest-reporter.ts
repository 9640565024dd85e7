import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { Outcome } from './report.ts';

/**
 * Writes a run's outcome as JSON to the file named by VITEST_REPORT. Vitest's own JSON report
 * leaves out why a test was skipped.
 */
export default class OutcomeReporter implements Reporter {
	onTestRunEnd(modules: readonly TestModule[], errors: readonly { message: string }[]): void {
		const outcome: Outcome = { passed: 0, failed: errors.map((error) => error.message), skipped: [] };
		for (const module of modules) addModule(outcome, module);
		const path = process.env['VITEST_REPORT'];
		if (!path) throw new Error('VITEST_REPORT names no file');
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, JSON.stringify(outcome));
	}
}

function addModule(outcome: Outcome, module: TestModule): void {
	const before = outcome.failed.length;
	for (const test of module.children.allTests())
		addTest(outcome, test, `${module.relativeModuleId} › ${test.fullName}`);
	// a file that does not load, or a hook that fails, has failed though no test of it did
	if (!module.ok() && outcome.failed.length === before) outcome.failed.push(module.relativeModuleId);
}

function addTest(outcome: Outcome, test: TestCase, name: string): void {
	const result = test.result();
	if (result.state === 'passed') {
		outcome.passed++;
		if (test.diagnostic()?.flaky) (outcome.retried ??= []).push(name);
	} else if (result.state === 'failed') outcome.failed.push(name);
	else if (result.state === 'pending') outcome.failed.push(`${name} (never ended)`);
	else outcome.skipped.push({ name, reason: result.note ?? (test.options.mode === 'todo' ? 'to do' : '') });
}
