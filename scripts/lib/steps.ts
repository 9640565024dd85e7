import { rmSync } from 'node:fs';
import { ensureChromium } from './chromium.ts';
import { ensureClusterPrograms } from './cluster.ts';
import { generate } from './generate.ts';
import { run, runTool, ROOT } from './process.ts';
import {
	checkOutcome,
	parsePlaywright,
	parseVitest,
	readReport,
	runnerOutcome,
	type Outcome
} from './report.ts';

export interface Step {
	name: string;
	run(): Promise<Outcome>;
}

const MINUTE = 60_000;

function check(name: string, work: () => Promise<boolean>): Step {
	return { name, run: async () => checkOutcome(name, await work()) };
}

/** Work that is no test: it counts only when it fails. */
function preparation(name: string, work: () => Promise<boolean>): Step {
	return { name, run: async () => ({ ...checkOutcome(name, await work()), passed: 0 }) };
}

/** Formatting and lint. */
const STYLE: Step[] = [
	check('format', () => runTool({ tool: 'prettier', args: ['--check', '--log-level', 'warn', '.'] })),
	check('lint', () => runTool({ tool: 'eslint', args: ['.'] }))
];

/** What type checks and Vitest's transforms read, and `npm install` removes: always comes first. */
export const GENERATION = preparation('generated types', generate);

/** Types, once for each kind of thread, since each has its own globals. */
export const TYPES: Step[] = [
	check('types of the window', () =>
		runTool({ tool: 'svelte-check', args: ['--tsconfig', 'tsconfig.json', '--fail-on-warnings'] })
	),
	check('types of the workers', () =>
		runTool({ tool: 'typescript', program: 'tsc', args: ['-p', 'tsconfig.worker.json', '--noEmit'] })
	),
	check('types of Node', () =>
		runTool({ tool: 'typescript', program: 'tsc', args: ['-p', 'tsconfig.node.json', '--noEmit'] })
	)
];

/** A project of Vitest's. */
function vitest(project: string, limit: number): () => Promise<Outcome> {
	return async () => {
		const report = `${ROOT}test-results/vitest-${project}.json`;
		rmSync(report, { force: true });
		const ok = await runTool({
			tool: 'vitest',
			args: [
				'run',
				'--project',
				project,
				'--reporter=default',
				'--reporter=./scripts/lib/vitest-reporter.ts'
			],
			env: { VITEST_REPORT: report },
			limit
		});
		return runnerOutcome(`vitest ${project}`, ok, readReport(report, parseVitest));
	};
}

async function playwright(): Promise<Outcome> {
	const report = `${ROOT}test-results/playwright.json`;
	rmSync(report, { force: true });
	const ok = await runTool({
		tool: '@playwright/test',
		program: 'playwright',
		args: ['test', '--config', 'tests/playwright.config.ts'],
		limit: 50 * MINUTE
	});
	return runnerOutcome('playwright', ok, readReport(report, parsePlaywright));
}

/** The server on PostgreSQL and Redis and behind nginx. Where they are not to be had its tests are skipped, by name. */
export const CLUSTER: Step[] = [
	{
		name: 'cluster',
		run: async () => {
			await ensureClusterPrograms();
			return vitest('cluster', 15 * MINUTE)();
		}
	}
];

/** Everything `npm test` does, in order: what is cheap first, the build before what reads it. */
export const STEPS: { name: string; parts: Step[] }[] = [
	{ name: 'style', parts: STYLE },
	{ name: 'types', parts: TYPES },
	{
		name: 'build',
		parts: [check('build', () => run(process.execPath, ['scripts/build.ts'], { limit: 10 * MINUTE }))]
	},
	{ name: 'chromium', parts: [preparation('chromium', ensureChromium)] },
	{
		name: 'size',
		parts: [check('first visit', () => run(process.execPath, ['scripts/size.ts'], { limit: MINUTE }))]
	},
	{ name: 'unit', parts: [{ name: 'unit', run: vitest('unit', 20 * MINUTE) }] },
	{ name: 'cluster', parts: CLUSTER },
	{ name: 'contract', parts: [{ name: 'contract', run: vitest('browser', 20 * MINUTE) }] },
	{ name: 'browser', parts: [{ name: 'browser', run: playwright }] }
];
