import { afterAll, expect, test } from 'vitest';
import { judge } from './support/oracle.ts';
import { Choices, seedOf } from './support/random.ts';
import { furnish, ServerProcess } from './support/server-process.ts';
import { note } from './support/table.ts';
import { when, Writer } from './support/writer.ts';

const KILLS = Number(process.env['SYNC_KILLS'] ?? 50);
const SEED = seedOf(process.env, 20_261_120);
const NAMES = ['ada', 'bob', 'eve'];

const server = new ServerProcess();
afterAll(() => server.remove());

test(
	`[S1] [S2] [S3] [S6] [L6] killed ${KILLS} times while all write, the server loses, doubles and disorders nothing (SYNC_SEED=${SEED})`,
	{ timeout: 60_000 + KILLS * 5_000 },
	async () => {
		const choices = new Choices(SEED);
		await server.start();
		const { room, people } = await furnish(server.origin, NAMES);
		// one account on two devices: the same log, two outboxes
		const writers = [...people, ...people.slice(0, 1)].map((person) => new Writer(person, room, choices));
		const heard = () =>
			writers.reduce((sum, { acknowledged, log }) => sum + acknowledged.size + log.length, 0);
		for (let kills = 0; kills < KILLS; kills++) {
			const closed = writers.map((writer) => writer.run(server.origin));
			// somewhere between the first thing that is heard and a few turns of the server later
			const enough = heard() + choices.whole(1, 600);
			await when(writers, () => heard() >= enough);
			await server.kill();
			await Promise.all(closed);
			await server.start();
		}
		// and once as an administrator would, while all write
		const asked = writers.map((writer) => writer.run(server.origin));
		const enough = heard() + 100;
		await when(writers, () => heard() >= enough);
		expect(await server.stop()).toBe(0);
		await Promise.all(asked);
		await server.start();
		const closed = writers.map((writer) => writer.run(server.origin));
		for (const writer of writers) writer.finish();
		const total = () => new Set(writers.flatMap(({ acknowledged }) => [...acknowledged.keys()])).size;
		await when(writers, () => writers.every((writer) => writer.isLevel(total())));
		for (const writer of writers) writer.leave();
		await Promise.all(closed);
		expect(await server.stop()).toBe(0);
		const verdict = judge(server.database, room, writers);
		note('kill -9, SQLite', KILLS, verdict);
		expect(verdict).toMatchObject({ lost: 0, doubled: 0, disordered: 0, wrong: [] });
		expect(verdict.acknowledged).toBe(verdict.stored);
		expect(verdict.stored).toBeGreaterThan(KILLS * 10);
		expect(server.complaints).toBe('');
	}
);
