/**
 * `npm run test:soak`: what `npm test` tries of the rooms a few times, for hours: 1,000 kills of the server, 10,000
 * seeds of the model, 100 kills of processes on PostgreSQL and Redis. SYNC_SEED repeats a run that failed.
 */
import { ensureClusterPrograms } from './lib/cluster.ts';
import { runTool } from './lib/process.ts';
import { clearSyncTable, syncTable } from './lib/sync-table.ts';

const MORE = {
	SYNC_KILLS: '1000',
	SYNC_SEEDS: '10000',
	SYNC_FUZZ: '20000',
	SYNC_JUMPS: '2000',
	SYNC_LOCKS: '100',
	SYNC_KILLS_CLUSTER: '100'
};

await ensureClusterPrograms();
clearSyncTable();
const set = Object.fromEntries(Object.entries(process.env).filter(([name]) => name in MORE));
const args = ['run', '--project', 'unit', '--project', 'cluster', 'tests/sync', 'tests/cluster'];
const ok = await runTool({ tool: 'vitest', args, env: { ...MORE, ...(set as Record<string, string>) } });
console.log(`\n${syncTable()}`);
process.exitCode = ok ? 0 : 1;
