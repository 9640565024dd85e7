import { join } from 'node:path';
import { api } from '../sync/support/server-process.ts';
import type { CatchUpBench } from './catch-up-page.ts';
import type { Bench, BenchContext, Result } from './harness/bench.ts';
import { servePage } from './harness/page-server.ts';
import { fill } from './server/catch-up.ts';
import { startNode, unmeasurable } from './server/processes.ts';

const RUNS = 5;
const EVENTS = 10_000;

/** Ten thousand missed events, read by the client's own code where it runs, beside the server. */
async function run(context: BenchContext): Promise<Result> {
	const reason = unmeasurable();
	if (reason !== null) throw new Error(`The server cannot be measured here: ${reason}.`);
	const served = await servePage(join(import.meta.dirname, 'catch-up-page.html'));
	const { origin: allowed } = new URL(served.url);
	const settings = { SYNC_DATABASE: 'rooms.db', SYNC_LOG_FILE: 'log', SYNC_ORIGINS: allowed };
	const server = await startNode('alcove.ts', settings);
	try {
		const origin = `http://127.0.0.1:${server.port}`;
		const body = { name: 'diarist', password: 'correct horse' };
		const made = await api(origin, 'POST', '/accounts', { body });
		const author = { id: String((made['account'] as { id: string }).id), token: String(made['token']) };
		const access = { kind: 'private' };
		const room = await api(origin, 'POST', '/rooms', { token: author.token, body: { access } });
		const diary = await fill(server.port, String(room['id']), author, EVENTS);
		const page = await context.newPage();
		await page.goto(served.url);
		await page.waitForFunction(() => 'catchUpBench' in window);
		const read = () =>
			page.evaluate(
				([port, diary]) => {
					const bench = Reflect.get(window, 'catchUpBench') as CatchUpBench;
					return bench.catchUp(port, diary);
				},
				[server.port, diary] as const
			);
		const { all } = await context.mediansOf(RUNS, { all: read });
		const label = `${EVENTS.toLocaleString('en')} missed events fetched, verified and decrypted`;
		return {
			rows: [{ label, value: all.median, unit: 'ms' }],
			ratios: [{ label: `${label}, against 1 s`, value: all.median / 1_000, atMost: 1 }]
		};
	} finally {
		await server.close();
		await served.close();
	}
}

export const benches: Bench[] = [{ name: 'catch-up', run }];
