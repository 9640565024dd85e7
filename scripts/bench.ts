/**
 * `npm run bench [-- name… --json --runs 9]`: runs the benches of tests/bench, most against the built app in Chromium, prints
 * medians and ratios, and writes each result with its machine to tests/bench/results. Exits 1 when a ratio
 * misses its target. Only figures of one run are compared: machines differ, and days do.
 */
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium, type Browser } from 'playwright';
import { format, resolveConfig } from 'prettier';
import { startApp } from '../tests/bench/harness/app-server.ts';
import { isMet, parseBenches, type Bench, type Result } from '../tests/bench/harness/bench.ts';
import { createContext } from '../tests/bench/harness/context.ts';
import { describeSetup, type Setup } from '../tests/bench/harness/machine.ts';
import { mediansOf } from '../tests/bench/harness/samples.ts';
import { table } from '../tests/bench/harness/print.ts';
import { chromiumLaunch } from '../tests/support/chromium.ts';
import { ensureChromium } from './lib/chromium.ts';
import { ROOT } from './lib/process.ts';

type Report = Setup & Result & { name: string };

async function findBenches(names: string[]): Promise<Bench[]> {
	const found: Bench[] = [];
	for (const file of globSync('tests/bench/*.bench.ts', { cwd: ROOT }).toSorted()) {
		found.push(...parseBenches(file, await import(`${ROOT}${file}`)));
	}
	const unknown = names.filter((name) => !found.some((bench) => bench.name === name));
	const known = found.map(({ name }) => name).join(', ');
	if (unknown.length) throw new Error(`No bench is named ${unknown.join(', ')}; there are ${known}`);
	return names.length ? found.filter(({ name }) => names.includes(name)) : found;
}

/** The app as it ships, and a browser. */
interface Stage {
	browser: Browser;
	url: string;
	close(): Promise<void>;
}

async function openStage(): Promise<Stage> {
	if (!(await ensureChromium())) throw new Error('There is no browser to measure in.');
	const app = await startApp(ROOT);
	const browser = await chromium.launch(chromiumLaunch());
	const close = async () => {
		await browser.close();
		await app.close();
	};
	return { browser, url: app.url, close };
}

async function measure(bench: Bench, stage: Stage | null, runs?: number): Promise<Report> {
	if (bench.browser === false) {
		const result = await bench.run({ mediansOf: (count, measures) => mediansOf(runs ?? count, measures) });
		return { name: bench.name, ...describeSetup(ROOT, 'none'), ...result };
	}
	if (!stage) throw new Error(`${bench.name} needs a browser`);
	const { browser, url } = stage;
	const { context, close } = createContext(browser, url, runs);
	try {
		const result = await bench.run(context);
		return { name: bench.name, ...describeSetup(ROOT, `Chromium ${browser.version()}`), ...result };
	} finally {
		await close();
	}
}

async function save(report: Report): Promise<void> {
	const path = `${ROOT}tests/bench/results/${report.name}.json`;
	mkdirSync(`${ROOT}tests/bench/results`, { recursive: true });
	const style = await resolveConfig(path);
	const json = JSON.stringify(report, (_key, value: unknown) =>
		typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
	);
	writeFileSync(path, await format(json, { ...style, filepath: path }));
}

async function main(): Promise<void> {
	const { values, positionals } = parseArgs({
		options: { json: { type: 'boolean', default: false }, runs: { type: 'string' } },
		allowPositionals: true
	});
	const runs = values.runs === undefined ? undefined : Number(values.runs);
	if (runs !== undefined && !(Number.isInteger(runs) && runs >= 5))
		throw new Error(`--runs must be a whole number from 5 on; it is "${values.runs}"`);
	const benches = await findBenches(positionals);
	const stage = benches.some(({ browser }) => browser !== false) ? await openStage() : null;
	const reports: Report[] = [];
	try {
		for (const bench of benches) {
			const report = await measure(bench, stage, runs);
			await save(report);
			reports.push(report);
			if (!values.json) console.log(`${table(bench.name, report)}\n`);
		}
	} finally {
		await stage?.close();
	}
	if (values.json) console.log(JSON.stringify(reports, null, '\t'));
	process.exitCode = reports.length && reports.every(({ ratios }) => ratios.every(isMet)) ? 0 : 1;
}

await main();
