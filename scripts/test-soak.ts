/**
 * `npm run test:soak`: what `npm test` tries of the rooms a few times, for hours: 1,000 kills of the server, 10,000
 * seeds of the model, 60 power cuts, 100 kills of processes on PostgreSQL and Redis; and of the history, 500 kills of
 * the browser. SYNC_SEED and ALCOVE_FAULT_SEED repeat a run that failed.
 */
import { ensureChromium } from './lib/chromium.ts';
import { ensureClusterPrograms } from './lib/cluster.ts';
import { clearFaultTable, faultTable } from './lib/fault-table.ts';
import { run, runTool } from './lib/process.ts';
import { clearSyncTable, syncTable } from './lib/sync-table.ts';

const MORE = {
	SYNC_KILLS: '1000',
	SYNC_SEEDS: '10000',
	SYNC_FUZZ: '20000',
	SYNC_JUMPS: '2000',
	SYNC_LOCKS: '100',
	SYNC_KILLS_CLUSTER: '100',
	SYNC_POWER_CUTS: '60'
};

await ensureClusterPrograms();
clearSyncTable();
const set = Object.fromEntries(Object.entries(process.env).filter(([name]) => name in MORE));
const args = ['run', '--project', 'unit', '--project', 'cluster', 'tests/sync', 'tests/cluster'];
const ok = await runTool({ tool: 'vitest', args, env: { ...MORE, ...(set as Record<string, string>) } });
console.log(`\n${syncTable()}`);

clearFaultTable();
await ensureChromium();
const built = await run(process.execPath, ['scripts/build.ts']);
const killed =
	built &&
	(await runTool({
		tool: '@playwright/test',
		program: 'playwright',
		args: [
			'test',
			'--config',
			'tests/playwright.config.ts',
			'tests/browser/survival.spec.ts',
			'-g',
			'killed'
		],
		env: { ALCOVE_KILLS: process.env['ALCOVE_KILLS'] ?? '500' }
	}));
console.log(`\n${faultTable()}`);
process.exitCode = ok && killed ? 0 : 1;
