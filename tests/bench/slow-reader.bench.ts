import type { Bench, Measuring, Result } from './harness/bench.ts';
import { against, medianOf, quantile } from './server/figures.ts';
import { invite, register, sealedBodies } from './server/guests.ts';
import type { Measured, Shape } from './server/job.ts';
import { Generator, startNode, unmeasurable } from './server/processes.ts';

const RUNS = 5;
const SHAPE: Shape = { rooms: 1, members: 50 };
/** A hundred events a second to fifty members, after more than what waits for a slow one can hold. */
const LOAD = { kind: 'beside', flood: 3_000, every: 10, warm: 1_000, measure: 4_000 } as const;

/** What the members of a room wait for an event, with one among them who reads a byte a second and without. */
async function run({ mediansOf }: Measuring): Promise<Result> {
	const reason = unmeasurable();
	if (reason !== null) throw new Error(`The server cannot be measured here: ${reason}.`);
	const generator = new Generator();
	const server = await startNode('alcove.ts', { SYNC_DATABASE: 'rooms.db', SYNC_LOG_FILE: 'log' });
	try {
		const origin = `http://127.0.0.1:${server.port}`;
		const guests = await invite(origin, await register(origin, SHAPE.members), SHAPE);
		const target = { dialect: 'alcove', port: server.port, pids: server.pids, guests } as const;
		const bodies = await sealedBodies(100);
		const found: Record<'alone' | 'beside', Measured[]> = { alone: [], beside: [] };
		const measure = (name: keyof typeof found, slow: number) => async () => {
			const measured = await generator.measure({ target, shape: SHAPE, load: { ...LOAD, slow }, bodies });
			found[name].push(measured);
			return quantile(measured, 0.99);
		};
		await mediansOf(RUNS, { alone: measure('alone', 0), beside: measure('beside', 1) });
		return resultOf(found);
	} finally {
		generator.close();
		await server.close();
	}
}

function resultOf({ alone, beside }: { alone: Measured[]; beside: Measured[] }): Result {
	const result: Result = { rows: [], ratios: [] };
	for (const [part, name] of [
		[0.5, 'p50'],
		[0.99, 'p99']
	] as const) {
		const [without, with_] = [alone, beside].map((all) => all.map((one) => quantile(one, part)));
		if (!without || !with_) continue;
		result.rows.push({ label: `${name}, all read`, value: medianOf(without), unit: 'ms' });
		result.rows.push({ label: `${name}, beside one at 1 B/s`, value: medianOf(with_), unit: 'ms' });
		if (part === 0.99) {
			result.ratios.push({
				label: `${name} beside a slow reader`,
				value: against(with_, without),
				atMost: 1.2
			});
		}
	}
	return result;
}

export const benches: Bench[] = [{ name: 'slow-reader', browser: false, run }];
