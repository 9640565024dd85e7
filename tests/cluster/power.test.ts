import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { SqliteAccountStore } from '../../src/server/accounts/sqlite.ts';
import { openDatabase } from '../../src/server/database.ts';
import { SqliteLog } from '../../src/server/log/sqlite.ts';
import { SqliteRoomStore } from '../../src/server/rooms/sqlite.ts';
import { judge, type Seen, type Verdict } from '../sync/support/oracle.ts';
import { Choices, seedOf } from '../sync/support/random.ts';
import { api, furnish, ServerProcess } from '../sync/support/server-process.ts';
import { note, sum } from '../sync/support/table.ts';
import { when, Writer } from '../sync/support/writer.ts';
import { Disk } from './support/disk.ts';
import { missing } from './support/programs.ts';
import { Hearers } from './support/told.ts';
import { readTrace, traced, untraceable, type Moment } from './support/trace.ts';

/** Lives of the server, each ended by a power cut; more in `npm run test:soak`. */
const LIVES = Number(process.env['SYNC_POWER_CUTS'] ?? 6);
/** Moments of each life at which the power might have been cut as well. */
const MOMENTS = 12;
const SEED = seedOf(process.env, 20_261_123);
/** How likely it is that the disk kept something that nobody waited for. */
const KEEP = [0, 0, 0.1, 0.5, 0.9, 1];
const MEBIBYTE = 1_024 * 1_024;
const KEPT = new URL('../../test-results/power-cut', import.meta.url).pathname;

vi.setConfig({ testTimeout: 120_000 + LIVES * 20_000 });

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
	for (const work of cleanUp.splice(0).reverse()) await work();
});

/** The database and its journals, but not the index of a journal: that is memory, and is made anew. */
const isFollowed = (name: string) => name.startsWith('rooms.db') && !name.endsWith('-shm');

function newFolder(): string {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'alcove-power-')));
	cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** The real server, the disk under it, and those who write to it. */
class House {
	readonly server = new ServerProcess();
	readonly folder = realpathSync(this.server.folder);
	readonly choices: Choices;
	readonly verdicts: Verdict[] = [];
	writers: Writer[] = [];
	room = '';
	readonly closed: { room: string; token: string }[] = [];
	/** Lives whose trace was held against the files that they left. */
	compared = 0;
	readonly #settings: Record<string, string>;
	readonly #trace = join(newFolder(), 'trace');
	#disk = new Disk();
	/** All that anybody was told in the lives before. */
	#told: Seen[] = [];

	constructor(seed: number, settings: Record<string, string> = {}) {
		this.choices = new Choices(seed);
		this.#settings = settings;
		cleanUp.push(() => this.server.remove());
	}

	/** Starts what a power cut will end. */
	async start(): Promise<void> {
		await this.server.start(this.#settings, traced(this.#trace));
		if (this.room !== '') return;
		const { room, people } = await furnish(this.server.origin, ['ada', 'bob', 'eve']);
		this.room = room;
		this.writers = [...people, ...people.slice(0, 1)].map((person) => new Writer(person, room, this.choices));
	}

	/** All write. @returns what resolves when they are cut off */
	write(): Promise<void>[] {
		return this.writers.map((writer) => writer.run(this.server.origin));
	}

	/** Makes another room and closes it: the journal is emptied, lest something be left of it. */
	async closeARoom(): Promise<void> {
		const { server, choices } = this;
		const { token } = choices.pick(this.writers).person;
		const made = await api(server.origin, 'POST', '/rooms', { token, body: { access: { kind: 'private' } } });
		await api(server.origin, 'DELETE', `/rooms/${String(made['id'])}`, { token });
		this.closed.push({ room: String(made['id']), token });
	}

	/** The journal was laid out while all wrote, and folded into the file. */
	isGrown(): boolean {
		const { database } = this.server;
		return statSync(`${database}-wal`).size >= 32 * MEBIBYTE && statSync(database).size >= MEBIBYTE;
	}

	/** What the writers heard until now. */
	heard(): number {
		return this.writers.reduce((sum, { acknowledged, log }) => sum + acknowledged.size + log.length, 0);
	}

	/**
	 * Ends the process, and leaves of its files what a power cut would. Before, it judges what cuts at some of the
	 * moments until then would have left.
	 */
	async cut(cutOff: Promise<void>[], keep: readonly number[]): Promise<void> {
		await this.server.kill();
		await Promise.all(cutOff);
		const moments = await readTrace(this.#trace, this.folder, isFollowed);
		const chosen = this.#choose(moments);
		const hearers = new Hearers();
		for (const [index, moment] of moments.entries()) {
			this.#disk.follow(moment);
			hearers.follow(moment);
			if (chosen.has(index)) this.#judge([...this.#told, ...hearers.all], this.choices.pick(keep), index);
		}
		this.#told.push(...hearers.all);
		if (!this.#disk.isBusy) this.#compare();
		for (const name of readdirSync(this.folder)) {
			if (name.startsWith('rooms.db')) rmSync(join(this.folder, name));
		}
		this.#disk.cut(this.folder, this.choices, this.choices.pick(keep));
		this.#disk = Disk.of(this.folder, isFollowed);
	}

	/** What the trace tells must be all that happened: with everything kept it comes to the files as they are. */
	#compare(): void {
		const folder = newFolder();
		this.#disk.cut(folder, this.choices, 1);
		const names = readdirSync(this.folder).filter(isFollowed).toSorted();
		expect(readdirSync(folder).toSorted()).toEqual(names);
		for (const name of names) {
			const isSame = readFileSync(join(folder, name)).equals(readFileSync(join(this.folder, name)));
			expect(isSame, `${name} as the trace tells it`).toBe(true);
		}
		this.compared++;
		rmSync(folder, { recursive: true });
	}

	/** The end, and of the rest as many while a journal is folded into the file as at any time. */
	#choose(moments: readonly Moment[]): Set<number> {
		const all = moments.map((_, index) => index);
		const folding = all.filter((index) => {
			const call = moments[index]?.call;
			return call?.kind === 'write' && call.name === 'rooms.db';
		});
		const half = MOMENTS / 2;
		const pickOf = (from: readonly number[]) => Array.from({ length: half }, () => this.choices.pick(from));
		return new Set([...pickOf(all), ...pickOf(folding.length > 0 ? folding : all), moments.length - 1]);
	}

	#judge(seen: readonly Seen[], keep: number, moment: number): void {
		const folder = newFolder();
		const seed = this.choices.whole(0, 2 ** 31);
		this.#disk.cut(folder, new Choices(seed), keep);
		const verdict = judgeFile(join(folder, 'rooms.db'), this.room, seen);
		this.verdicts.push(verdict);
		if (verdict.lost + verdict.doubled + verdict.disordered + verdict.wrong.length > 0) {
			// as it was before it was opened
			rmSync(KEPT, { recursive: true, force: true });
			const again = newFolder();
			this.#disk.cut(again, new Choices(seed), keep);
			cpSync(again, KEPT, { recursive: true });
			verdict.wrong.push(`moment ${moment}, ${keep} kept of what was not synced: ${KEPT}`);
		}
		rmSync(folder, { recursive: true });
	}
}

/** Opens a file as the server does at its start, and holds it against what was seen. */
function judgeFile(path: string, room: string, seen: readonly Seen[]): Verdict {
	try {
		const database = openDatabase(path);
		try {
			new SqliteLog(database, Date.now);
			new SqliteAccountStore(database);
			new SqliteRoomStore(database);
		} finally {
			database.close();
		}
		return judge(path, room, seen);
	} catch (error) {
		return { acknowledged: 0, stored: 0, lost: 0, doubled: 0, disordered: 0, wrong: [String(error)] };
	}
}

const absent = missing('strace') ?? untraceable();
const name = `[S1] [S2] [S3] [S6] a power cut that keeps only what was synced, and of the rest what it likes, loses, doubles and disorders nothing (${LIVES} lives, SYNC_SEED=${SEED})`;
const broken = '[S2] a server that does not wait for its disk is found out';

if (absent) for (const title of [name, broken]) test(title, ({ skip }) => skip(absent));
else cutting();

function cutting(): void {
	test(name, async () => {
		const house = new House(SEED);
		for (let lives = 0; lives < LIVES; lives++) {
			await house.start();
			const enough = house.heard() + house.choices.whole(1, 2_000);
			const cutOff = house.write();
			if (lives > 0) await house.closeARoom();
			await when(house.writers, () => house.heard() >= enough && (lives > 0 || house.isGrown()));
			await house.cut(cutOff, KEEP);
			// nobody comes back to a server that has forgotten him
			expectNoLoss(sum(house.verdicts));
		}
		const { server, writers, room } = house;
		await server.start();
		for (const writer of writers) writer.finish();
		const left = house.write();
		await when(writers, () => writers.every((writer) => writer.isLevel(totalOf(writers))));
		for (const writer of writers) writer.leave();
		await Promise.all(left);
		for (const { room: gone, token } of house.closed) {
			await expect(api(server.origin, 'GET', `/rooms/${gone}`, { token })).rejects.toThrow('404');
		}
		expect(await server.stop()).toBe(0);
		const verdict = judge(server.database, room, writers);
		const all = sum([...house.verdicts, verdict]);
		note('power cut, SQLite: what was not synced is gone', LIVES + house.verdicts.length, {
			...all,
			acknowledged: verdict.acknowledged
		});
		expectNoLoss(all);
		expect(verdict.acknowledged).toBe(verdict.stored);
		expect(verdict.stored).toBeGreaterThan(LIVES * 10);
		expect(house.compared).toBeGreaterThan(0);
		expect(server.complaints).toBe('');
	});

	test(broken, async () => {
		const careless = `import { DatabaseSync } from 'node:sqlite';
			const { exec } = DatabaseSync.prototype;
			DatabaseSync.prototype.exec = function (sql) {
				return exec.call(this, sql.replace('synchronous = FULL', 'synchronous = OFF'));
			};`;
		const house = new House(SEED, {
			NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(careless)}`
		});
		await house.start();
		const cutOff = house.write();
		await when(house.writers, () => house.heard() >= 500);
		await house.cut(cutOff, [0]);
		expect(sum(house.verdicts).lost).toBeGreaterThan(0);
	});
}

function expectNoLoss(verdict: Verdict): void {
	expect(verdict).toMatchObject({ lost: 0, doubled: 0, disordered: 0, wrong: [] });
}

function totalOf(writers: readonly Writer[]): number {
	return new Set(writers.flatMap(({ acknowledged }) => [...acknowledged.keys()])).size;
}
