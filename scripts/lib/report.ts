import { readFileSync } from 'node:fs';

/** What one step of the tests came to. */
export interface Outcome {
	passed: number;
	/** The name of each failed test or check. */
	failed: string[];
	skipped: Skipped[];
	/** Tests that passed only at their second try: named in the report, since one of two is wrong. */
	retried?: string[];
}

export interface Skipped {
	name: string;
	reason: string;
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): Fields[] {
	return Array.isArray(value) ? value.filter(isFields) : [];
}

function text(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

/** A check that has no tests of its own counts as one. */
export function checkOutcome(name: string, ok: boolean): Outcome {
	return ok ? { passed: 1, failed: [], skipped: [] } : { passed: 0, failed: [name], skipped: [] };
}

/**
 * The outcome of a runner from its report and its exit code; whichever is worse counts.
 * @param step names the step where no test can be blamed: no report, no test, an error outside of tests
 */
export function runnerOutcome(step: string, ok: boolean, report: Outcome | Error): Outcome {
	if (report instanceof Error) return checkOutcome(`${step}: ${report.message}`, false);
	const ran = report.passed + report.failed.length;
	if (ran === 0) return { ...report, failed: [`${step}: no test ran`] };
	if (!ok && report.failed.length === 0)
		return { ...report, failed: [`${step}: failed outside of its tests`] };
	return report;
}

/** Reads a report written by this run. @returns its JSON, or why there is none */
export function readReport<T>(path: string, parse: (json: unknown) => T): T | Error {
	try {
		return parse(JSON.parse(readFileSync(path, 'utf8')));
	} catch (error) {
		return new Error(`no readable report (${String(error)})`);
	}
}

/** Parses what `vitest-reporter.ts` writes. @throws Error when it is something else */
export function parseVitest(json: unknown): Outcome {
	if (!isFields(json) || typeof json['passed'] !== 'number' || !Array.isArray(json['failed'])) {
		throw new Error('not a report of ours');
	}
	const skipped = list(json['skipped']).map(({ name, reason }) => ({
		name: text(name),
		reason: text(reason)
	}));
	const outcome: Outcome = { passed: json['passed'], failed: json['failed'].map(String), skipped };
	if (Array.isArray(json['retried'])) outcome.retried = json['retried'].map(String);
	return outcome;
}

/** Parses Playwright's JSON report. @throws Error when it is something else */
export function parsePlaywright(json: unknown): Outcome {
	if (!isFields(json) || !Array.isArray(json['suites'])) throw new Error('not a report of Playwright’s');
	const outcome: Outcome = {
		passed: 0,
		failed: list(json['errors']).map((e) => text(e['message'])),
		skipped: []
	};
	for (const suite of list(json['suites'])) addSuite(outcome, suite, []);
	return outcome;
}

function addSuite(outcome: Outcome, suite: Fields, path: string[]): void {
	const here = [...path, text(suite['title'])];
	for (const spec of list(suite['specs'])) {
		for (const test of list(spec['tests'])) {
			const name = [`[${text(test['projectName'])}]`, ...here, text(spec['title'])].join(' › ');
			addTest(outcome, test, name);
		}
	}
	for (const child of list(suite['suites'])) addSuite(outcome, child, here);
}

function addTest(outcome: Outcome, test: Fields, name: string): void {
	if (test['status'] === 'expected') outcome.passed++;
	else if (test['status'] === 'skipped') outcome.skipped.push({ name, reason: skipReason(test) });
	else if (test['status'] === 'flaky') {
		outcome.passed++;
		(outcome.retried ??= []).push(name);
	} else outcome.failed.push(name);
}

function skipReason(test: Fields): string {
	const notes = list(test['annotations']).filter(({ type }) => type === 'skip' || type === 'fixme');
	return notes.map((note) => text(note['description'])).find(Boolean) ?? '';
}
