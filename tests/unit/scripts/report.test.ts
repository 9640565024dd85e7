import { describe, expect, test } from 'vitest';
import {
	checkOutcome,
	parsePlaywright,
	parseVitest,
	readReport,
	runnerOutcome
} from '../../../scripts/lib/report.ts';

const spec = (title: string, status: string, annotations: object[] = []) => ({
	title,
	tests: [{ projectName: 'desktop', status, annotations }]
});

describe('a report of Playwright’s', () => {
	const report = {
		errors: [],
		suites: [
			{
				title: 'chat.spec.ts',
				specs: [spec('sends', 'expected'), spec('stops', 'unexpected'), spec('sometimes', 'flaky')],
				suites: [
					{ title: 'later', specs: [spec('rooms', 'skipped', [{ type: 'skip', description: 'not yet' }])] }
				]
			}
		]
	};

	test('is counted: a flaky test is named, a skipped one has its reason', () => {
		expect(parsePlaywright(report)).toEqual({
			passed: 2,
			retried: ['[desktop] › chat.spec.ts › sometimes'],
			failed: ['[desktop] › chat.spec.ts › stops'],
			skipped: [{ name: '[desktop] › chat.spec.ts › later › rooms', reason: 'not yet' }]
		});
	});

	test('counts an error outside of all tests as a failure', () => {
		expect(parsePlaywright({ suites: [], errors: [{ message: 'no server' }] }).failed).toEqual(['no server']);
	});

	test.each([null, [], {}, { suites: 1 }])('is refused when it is %j', (json) => {
		expect(() => parsePlaywright(json)).toThrow('not a report');
	});
});

test('a report of Vitest’s is read as it was written, and nothing else is', () => {
	const outcome = { passed: 2, failed: ['a › b'], skipped: [{ name: 'c', reason: 'd' }], retried: ['e › f'] };
	expect(parseVitest(JSON.parse(JSON.stringify(outcome)))).toEqual(outcome);
	expect(() => parseVitest({ failed: [] })).toThrow('not a report');
});

describe('the outcome of a runner', () => {
	const good = { passed: 3, failed: [], skipped: [] };

	test('is its report when exit code and report agree', () => {
		expect(runnerOutcome('unit', true, good)).toEqual(good);
		expect(runnerOutcome('unit', false, { ...good, failed: ['x'] }).failed).toEqual(['x']);
	});

	test('is a failure when the program failed though no test did', () => {
		expect(runnerOutcome('unit', false, good).failed).toHaveLength(1);
	});

	test('is a failure when no test ran, or all were skipped', () => {
		const skipped = [{ name: 'x', reason: 'y' }];
		expect(runnerOutcome('unit', true, { ...good, passed: 0 }).failed).toHaveLength(1);
		expect(runnerOutcome('unit', true, { passed: 0, failed: [], skipped }).failed).toHaveLength(1);
	});

	test('is a failure when there is no report', () => {
		const report = readReport('/nowhere/report.json', parseVitest);
		expect(report).toBeInstanceOf(Error);
		expect(runnerOutcome('unit', true, report).failed).toHaveLength(1);
	});
});

test('a check counts as one', () => {
	expect(checkOutcome('lint', true)).toEqual({ passed: 1, failed: [], skipped: [] });
	expect(checkOutcome('lint', false)).toEqual({ passed: 0, failed: ['lint'], skipped: [] });
});
