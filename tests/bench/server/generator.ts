/** The load on a server, from a process of its own. Takes jobs one after the other, and answers what it measured. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.ts';
import { SPEECH, type Speech } from './dialects.ts';
import type { Job, Load, Measured } from './job.ts';
import { cpuSeconds, residentBytes } from './proc.ts';

/** Connections that are opened at once. */
const AT_ONCE = 50;
/** Milliseconds for a server to come to rest before its memory is read. */
const REST = 1_500;
/** Milliseconds between two gusts of a saturating load. */
const GUST = 5;
/** Events under way in a flood. */
const FLOOD = 1_000;

interface Member {
	client: Client;
	/** Takes what the server says from now on. */
	hear: (message: Buffer) => void;
}

interface Crowd {
	id: string;
	members: Member[];
}

async function enter(job: Job, room: number, member: number): Promise<Member> {
	const { target } = job;
	const speech = SPEECH[target.dialect];
	const id = roomId(job, room);
	const { promise, resolve } = Promise.withResolvers<true>();
	const hear = (message: Buffer) => {
		if (speech.isIn(message)) resolve(true);
	};
	const state: { hear: Member['hear'] } = { hear };
	const client = await Client.open(target.port, speech.path(id), (message) => {
		const answer = speech.answer(message);
		if (answer === null) state.hear(message);
		else client.send(answer);
	});
	for (const message of speech.hello(id, target.guests, member)) client.send(message);
	await promise;
	return Object.assign(state, { client });
}

function roomId({ target }: Job, room: number): string {
	return target.guests.rooms[room] ?? `room${room}`;
}

async function gather(job: Job): Promise<Crowd[]> {
	const { rooms, members } = job.shape;
	const crowds = Array.from({ length: rooms }, (_, room): Crowd => ({ id: roomId(job, room), members: [] }));
	const places = Array.from(
		{ length: rooms * members },
		(_, index) => [index % rooms, Math.floor(index / rooms)] as const
	);
	for (let from = 0; from < places.length; from += AT_ONCE) {
		const some = places.slice(from, from + AT_ONCE);
		const came = await Promise.all(some.map(([room, member]) => enter(job, room, member)));
		for (const [index, member] of came.entries()) crowds[some[index]?.[0] ?? 0]?.members.push(member);
	}
	return crowds;
}

/** Names that no run has used before. */
const run = Math.floor(Math.random() * 2 ** 48)
	.toString(36)
	.padStart(10, '0');
let named = 0;
const nextName = () => `${run}-${(named++).toString().padStart(11, '0')}`;

/** Says something in a room: each member in turn. */
function speaker(crowd: Crowd, speech: Speech, bodies: readonly string[]): () => string {
	let next = 0;
	return () => {
		const name = nextName();
		const body = bodies[next % bodies.length] ?? '';
		crowd.members[next++ % crowd.members.length]?.client.send(speech.send(crowd.id, name, body));
		return name;
	};
}

const cpuOf = ({ target }: Job) => target.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);

/** Waits, measures between two moments, and hands in what was counted in between. */
async function between(job: Job, { warm, measure }: { warm: number; measure: number }, count: () => number) {
	await sleep(warm);
	const [start, cpu, before] = [performance.now(), cpuOf(job), count()];
	await sleep(measure);
	return {
		seconds: (performance.now() - start) / 1_000,
		cpu: cpuOf(job) - cpu,
		deliveries: count() - before
	};
}

/**
 * What came back to the first member of a room tells how much more may go out. It goes out in gusts, so that
 * the server always has enough to do, however busy this process is with listening.
 */
async function saturate(job: Job, crowds: readonly Crowd[], load: Load & { kind: 'saturated' }) {
	const speech = SPEECH[job.target.dialect];
	const each = Math.max(1, Math.floor(load.underWay / crowds.length));
	let deliveries = 0;
	const rooms = crowds.map((crowd) => {
		const room = { say: speaker(crowd, speech, job.bodies), underWay: 0 };
		for (const [index, member] of crowd.members.entries()) {
			member.hear = (message) => {
				const count = speech.count(message);
				deliveries += count;
				if (index === 0) room.underWay -= count;
			};
		}
		return room;
	});
	const timer = setInterval(() => {
		for (const room of rooms) {
			for (; room.underWay < each; room.underWay++) room.say();
		}
	}, GUST);
	const measured = await between(job, load, () => deliveries);
	clearInterval(timer);
	return { ...measured, latencies: [] };
}

async function pace(job: Job, crowds: readonly Crowd[], load: Load & { kind: 'light' }) {
	const speech = SPEECH[job.target.dialect];
	const says = crowds.map((crowd) => speaker(crowd, speech, job.bodies));
	const sentAt = new Map<string, number>();
	const latencies: number[] = [];
	let deliveries = 0;
	let measuring = false;
	for (const { members } of crowds) {
		for (const member of members) {
			member.hear = (message) => {
				const now = performance.now();
				for (const name of speech.names(message)) {
					deliveries++;
					const sent = sentAt.get(name);
					if (measuring && sent !== undefined) latencies.push(now - sent);
				}
			};
		}
	}
	let said = 0;
	const start = performance.now();
	const timer = setInterval(() => {
		while (start + said * load.every <= performance.now()) {
			// its name is known only once it is on its way: what comes back comes in a later turn
			const at = performance.now();
			sentAt.set(says[said++ % says.length]?.() ?? '', at);
		}
	}, 1);
	await sleep(load.warm);
	measuring = true;
	const measured = await between(job, { warm: 0, measure: load.measure }, () => deliveries);
	measuring = false;
	clearInterval(timer);
	return { ...measured, latencies };
}

/** What the others wait for in a room with members who hardly read. */
async function beside(job: Job, crowds: readonly Crowd[], load: Load & { kind: 'beside' }) {
	const slow = await Promise.all(Array.from({ length: load.slow }, (_, member) => enter(job, 0, member)));
	for (const { client } of slow) client.slowDown();
	try {
		await saturate(job, crowds, { kind: 'saturated', underWay: FLOOD, warm: 0, measure: load.flood });
		return await pace(job, crowds, { ...load, kind: 'light' });
	} finally {
		for (const { client } of slow) client.close();
	}
}

/** Has a server of Node collect what it does not need any more. */
async function rested(pid: number): Promise<number> {
	process.kill(pid, 'SIGUSR2');
	await sleep(REST);
	return residentBytes(pid);
}

/** What the connections after the first ones cost: those have the server warm up. */
async function rest(job: Job): Promise<Measured> {
	const { shape, target } = job;
	const [pid = 0] = target.pids;
	const first = await gather({ ...job, shape: { ...shape, rooms: Math.ceil(shape.rooms / 5) } });
	const before = await rested(pid);
	const crowds = await gather(job);
	const after = await rested(pid);
	for (const { members } of [...first, ...crowds]) for (const { client } of members) client.close();
	return { deliveries: 0, seconds: 0, cpu: 0, latencies: [], memory: after - before };
}

function burden(job: Job, crowds: readonly Crowd[], load: Exclude<Load, { kind: 'idle' }>) {
	switch (load.kind) {
		case 'light':
			return pace(job, crowds, load);
		case 'beside':
			return beside(job, crowds, load);
		case 'saturated':
			return saturate(job, crowds, load);
	}
}

async function work(job: Job): Promise<Measured> {
	const { load } = job;
	if (load.kind === 'idle') return rest(job);
	const crowds = await gather(job);
	try {
		return { ...(await burden(job, crowds, load)), memory: 0 };
	} finally {
		for (const { members } of crowds) for (const { client } of members) client.close();
	}
}

process.on('disconnect', () => process.exit());
process.on('message', (job: Job) => {
	work(job).then(
		(measured) => process.send?.({ measured }),
		(error: unknown) => process.send?.({ error: String(error) })
	);
});
