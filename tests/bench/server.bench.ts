import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Measuring, Ratio, Result, Row } from './harness/bench.ts';
import { waitsForDisk } from './server/disk.ts';
import { against, medianOf, quantile } from './server/figures.ts';
import { invite, register, SAID, sealedBodies } from './server/guests.ts';
import type { Dialect, Guests, Job, Load, Measured, Shape, Target } from './server/job.ts';
import {
	Generator,
	startChannels,
	startNode,
	unmeasurable,
	withoutChannels,
	type Running
} from './server/processes.ts';

const RUNS = 5;
const NOBODY: Guests = { rooms: [], tokens: [] };

/** The shapes of a saturated server, and how much more a core of ours has to deliver than one of theirs. */
const SHAPES: readonly (Shape & { least: Record<Exclude<Dialect, 'alcove'>, number> })[] = [
	{ rooms: 1, members: 100, least: { raw: 8, socketio: 10, channels: 80 } },
	{ rooms: 10, members: 50, least: { raw: 4, socketio: 4.5, channels: 50 } },
	{ rooms: 100, members: 10, least: { raw: 1.4, socketio: 1.8, channels: 25 } }
];
const SATURATED: Load = { kind: 'saturated', underWay: 1_000, warm: 700, measure: 1_500 };
/** A hundred events a second to fifty members each. */
const LIGHT = { kind: 'light', every: 10, warm: 500, measure: 3_000 } as const satisfies Load;
const LIGHT_SHAPE: Shape = { rooms: 10, members: 50 };
const IDLE_SHAPE: Shape = { rooms: 10, members: 100 };

const NAMES: Record<Dialect, string> = {
	alcove: 'ours',
	raw: 'raw ws',
	socketio: 'socket.io',
	channels: 'Channels + Redis'
};

type Servers = Partial<Record<Dialect, Running>> & { alcove: Running };

interface Bodies {
	plain: string[];
	sealed: string[];
}

/** @param database where the file is, if not in the folder that goes with the process */
const startAlcove = (database = 'rooms.db') =>
	startNode('alcove.ts', { SYNC_DATABASE: database, SYNC_LOG_FILE: 'log' });

/** Starts all that can be measured here. @param servers takes in what has been started */
async function startOthers(servers: Servers): Promise<void> {
	servers.raw = await startNode('raw.ts');
	servers.socketio = await startNode('socketio.ts');
	const lacking = withoutChannels();
	if (lacking === null) servers.channels = await startChannels();
	else console.log(`Django Channels is not measured: ${lacking}`);
}

const originOf = ({ port }: Running) => `http://127.0.0.1:${port}`;

function targetOf(dialect: Dialect, { port, pids }: Running, guests: Guests): Target {
	return { dialect, port, pids, guests: dialect === 'alcove' ? guests : NOBODY };
}

/** Measures all servers by turns. @returns what each came to, run by run */
async function compare(
	{ mediansOf }: Measuring,
	generator: Generator,
	servers: Servers,
	guests: Guests,
	{ shape, load, bodies }: { shape: Shape; load: Load; bodies: Bodies }
): Promise<Map<Dialect, Measured[]>> {
	const found = new Map<Dialect, Measured[]>();
	const dialects = Object.keys(servers) as Dialect[];
	const measures = dialects.map((dialect) => {
		const all: Measured[] = [];
		found.set(dialect, all);
		const measure = async () => {
			const running = servers[dialect] ?? servers.alcove;
			const target = targetOf(dialect, running, guests);
			const said = dialect === 'alcove' ? bodies.sealed : bodies.plain;
			const measured = await generator.measure({ target, shape, load, bodies: said });
			all.push(measured);
			return measured.deliveries;
		};
		return [dialect, measure] as const;
	});
	await mediansOf(RUNS, Object.fromEntries(measures));
	return found;
}

const microsPerDelivery = ({ cpu, deliveries }: Measured) => (cpu * 1e6) / deliveries;

function saturated(shape: (typeof SHAPES)[number], found: Map<Dialect, Measured[]>): Result {
	const rows: Row[] = [];
	const ratios: Ratio[] = [];
	const place = `${shape.rooms} × ${shape.members}`;
	const ours = (found.get('alcove') ?? []).map(microsPerDelivery);
	for (const [dialect, all] of found) {
		const rate = medianOf(all.map(({ deliveries, seconds }) => deliveries / seconds / 1_000));
		rows.push({ label: `${place}, ${NAMES[dialect]}`, value: rate, unit: 'thousand deliveries/s' });
		// one that was too slow to deliver anything in the time has no cost of a delivery
		if (all.some(({ deliveries }) => deliveries === 0)) continue;
		const micros = all.map(microsPerDelivery);
		const unit = 'µs of processor a delivery';
		rows.push({ label: `${place}, ${NAMES[dialect]}`, value: medianOf(micros), unit });
		if (dialect === 'alcove') continue;
		const label = `${place}, work per processor against ${NAMES[dialect]}`;
		ratios.push({ label, value: against(micros, ours), atLeast: shape.least[dialect] });
	}
	return { rows, ratios };
}

function light(found: Map<Dialect, Measured[]>): Result {
	const rows: Row[] = [];
	const ratios: Ratio[] = [];
	for (const [part, name, atMost] of [
		[0.5, 'p50', 1.6],
		[0.99, 'p99', 1.1]
	] as const) {
		const times = new Map(
			[...found].map(([dialect, all]) => [dialect, all.map((one) => quantile(one, part))])
		);
		for (const [dialect, all] of times)
			rows.push({
				label: `5,000 deliveries a second, ${name}, ${NAMES[dialect]}`,
				value: medianOf(all),
				unit: 'ms'
			});
		const value = against(times.get('alcove') ?? [], times.get('raw') ?? []);
		ratios.push({ label: `light load, ${name} against raw ws`, value, atMost });
	}
	return { rows, ratios };
}

/** What of our latency under a light load is the disk's alone. */
async function disk(): Promise<Row> {
	const label = 'a page written at that pace, until it is on disk, p50';
	return { label, value: medianOf(await waitsForDisk(LIGHT.every)), unit: 'ms' };
}

/** Memory of idle connections, each time of a server that has just started and has done nothing before. */
async function idle(measuring: Measuring, generator: Generator): Promise<Result> {
	const folder = mkdtempSync(join(tmpdir(), 'alcove-bench-'));
	try {
		const database = join(folder, 'rooms.db');
		const first = await startAlcove(database);
		const origin = originOf(first);
		const guests = await invite(origin, await register(origin, IDLE_SHAPE.members), IDLE_SHAPE);
		await first.close();
		return await idleOver(measuring, generator, database, guests);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

async function idleOver(
	{ mediansOf }: Measuring,
	generator: Generator,
	database: string,
	guests: Guests
): Promise<Result> {
	const measure = (dialect: 'alcove' | 'raw') => async () => {
		const running = await (dialect === 'alcove' ? startAlcove(database) : startNode('raw.ts'));
		try {
			const target = targetOf(dialect, running, guests);
			const job: Job = { target, shape: IDLE_SHAPE, load: { kind: 'idle' }, bodies: [] };
			const { memory } = await generator.measure(job);
			return memory / 1_024 / IDLE_SHAPE.rooms / IDLE_SHAPE.members;
		} finally {
			await running.close();
		}
	};
	const { alcove, raw } = await mediansOf(RUNS, { alcove: measure('alcove'), raw: measure('raw') });
	const row = (label: string, value: number) => ({ label: `idle connection, ${label}`, value, unit: 'KiB' });
	return {
		rows: [row('ours', alcove.median), row('raw ws', raw.median)],
		ratios: [{ label: 'idle memory against raw ws', value: alcove.median / raw.median, atMost: 1.3 }]
	};
}

/** Our server next to others that keep nothing, each on one core, with the load on another. */
async function run(measuring: Measuring): Promise<Result> {
	const reason = unmeasurable();
	if (reason !== null) throw new Error(`The server cannot be measured here: ${reason}.`);
	const generator = new Generator();
	const servers: Servers = { alcove: await startAlcove() };
	try {
		await startOthers(servers);
		const bodies: Bodies = { plain: ['x'.repeat(SAID)], sealed: await sealedBodies(100) };
		const origin = originOf(servers.alcove);
		const people = await register(origin, 100);
		const results: Result[] = [];
		for (const shape of SHAPES) {
			const guests = await invite(origin, people, shape);
			const found = await compare(measuring, generator, servers, guests, { shape, load: SATURATED, bodies });
			results.push(saturated(shape, found));
		}
		const guests = await invite(origin, people, LIGHT_SHAPE);
		const asked = { shape: LIGHT_SHAPE, load: LIGHT, bodies };
		results.push(light(await compare(measuring, generator, servers, guests, asked)));
		results.push({ rows: [await disk()], ratios: [] });
		results.push(await idle(measuring, generator));
		return {
			rows: results.flatMap(({ rows }) => rows),
			ratios: results.flatMap(({ ratios }) => ratios)
		};
	} finally {
		generator.close();
		for (const running of Object.values(servers)) await running.close();
	}
}

export const benches: Bench[] = [{ name: 'server', browser: false, run }];
