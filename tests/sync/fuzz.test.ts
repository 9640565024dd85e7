import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Choices, seedOf } from './support/random.ts';
import { furnish, ServerProcess, type Person } from './support/server-process.ts';
import { Writer } from './support/writer.ts';

const ROUNDS = Number(process.env['SYNC_FUZZ'] ?? 300);
const SEED = seedOf(process.env, 20_261_121);

const server = new ServerProcess();
let room = '';
let people: Person[] = [];

beforeAll(async () => {
	await server.start();
	({ room, people } = await furnish(server.origin, ['ada', 'bob']));
}, 60_000);
afterAll(() => server.remove());

/** The server answers and stores as ever, and has neither failed nor complained. */
async function isWell(choices: Choices): Promise<void> {
	const [, bob] = people;
	if (!bob) throw new Error('nobody is left');
	const writer = new Writer(bob, room, choices);
	const closed = writer.run(server.origin);
	await new Promise<void>((resolve) => writer.onChange(() => writer.acknowledged.size >= 24 && resolve()));
	writer.leave();
	await closed;
	expect(writer.wrong).toEqual([]);
	expect(server.complaints).toBe('');
	const failures = server.lines.filter((line) => /"level":"(error|warn)"/.test(line));
	expect(failures).toEqual([]);
}

/** Messages that are right, for the fuzzer to spoil. */
function goodMessages(token: string, choices: Choices): string[] {
	const id = () => choices.id();
	const frames = [
		[{ t: 'hello', v: 1, token }],
		[{ t: 'open', room, after: 0 }],
		[{ t: 'send', room, id: id(), body: choices.bytes(40).toString('base64url') }],
		[{ t: 'signal', room, n: 1, body: 'AAAA' }],
		[
			{ t: 'read', room, after: 0, limit: 10 },
			{ t: 'ping', n: 1 }
		],
		[
			{ t: 'open', room: id(), after: 3 },
			{ t: 'close', room }
		]
	];
	return frames.map((message) => JSON.stringify(message));
}

/** Cuts, doubles, swaps, replaces, or leaves as it is. */
function spoil(message: string, choices: Choices): string | Buffer {
	const at = choices.whole(0, message.length);
	const end = choices.whole(at, message.length);
	switch (choices.whole(0, 7)) {
		case 0:
			return message.slice(0, at) + message.slice(end);
		case 1:
			return message.slice(0, end) + message.slice(at);
		case 2:
			return message.slice(0, at) + String.fromCodePoint(choices.whole(1, 0xd7ff)) + message.slice(at + 1);
		case 3:
			return message.replace(/\d+/, choices.pick(['-1', '1e400', '9007199254740993', 'null', '[]', '""']));
		case 4:
			return '['.repeat(choices.whole(1, 50_000)) + message;
		case 5:
			return choices.bytes(choices.whole(0, 200));
		default:
			return message;
	}
}

/** A connection that says spoiled things until it is closed or has said all. */
function babble(token: string, choices: Choices): Promise<void> {
	const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/api/v1/socket`);
	return new Promise((resolve) => {
		socket.on('error', () => undefined);
		socket.on('close', () => resolve());
		socket.on('open', () => {
			const [hello = '', ...others] = goodMessages(token, choices);
			const messages = choices.next() < 0.8 ? [hello, ...others.map((one) => spoil(one, choices))] : others;
			for (const message of messages) socket.send(message, { binary: choices.next() < 0.05 });
			socket.close();
		});
	});
}

/** Bytes that are no WebSocket, after a handshake that is one. */
function breakFraming(choices: Choices): Promise<void> {
	const { hostname, port } = new URL(server.origin);
	return new Promise((resolve) => {
		const stream = connect(Number(port), hostname, () => {
			stream.write(
				'GET /api/v1/socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
					'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
			);
			for (let part = 0; part < 5; part++) stream.write(choices.bytes(choices.whole(1, 400)));
			if (choices.next() < 0.5) stream.destroy();
			else stream.end();
		});
		stream.on('error', () => undefined);
		stream.on('data', () => undefined);
		stream.on('close', () => resolve());
	});
}

test(
	`[F3] spoiled frames, broken framing and babble neither stop the server nor grow it (SYNC_SEED=${SEED})`,
	{ timeout: 120_000 },
	async () => {
		const choices = new Choices(SEED);
		const { token } = people[0] ?? { token: '' };
		const round = async (count: number) => {
			for (let done = 0; done < count; done += 10) {
				const connections = Array.from({ length: 10 }, () =>
					choices.next() < 0.75 ? babble(token, choices) : breakFraming(choices)
				);
				await Promise.all(connections);
			}
		};
		await round(100);
		const before = residentBytes(server.pid);
		await round(ROUNDS);
		await isWell(choices);
		// what the collector has not yet taken is far below this; one message kept for each connection is not
		expect(residentBytes(server.pid) - before).toBeLessThan(64 * 1_024 * 1_024);
	}
);

/** The memory that a process holds, as Linux counts it; 0 where there is no /proc. */
function residentBytes(pid: number): number {
	if (process.platform !== 'linux') return 0;
	const kibibytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
	return Number(kibibytes) * 1_024;
}
