import { describe, expect, test } from 'vitest';
import { backoff } from '#lib/link/backoff.ts';
import { Link, type LinkState, type Socket } from '#lib/link/link.ts';
import { LIMITS, type ClientFrame, type ServerFrame } from '#lib/wire/frames.ts';
import { parseClientMessage } from '#lib/wire/parse.ts';
import { FakeClock } from '../server/support/clock.ts';

const ID = 'A'.repeat(22);
const TOKEN = 't'.repeat(43);
const WELCOME: ServerFrame = { t: 'welcome', v: 1, account: ID, connection: ID, heartbeat: 25_000 };

/** A socket whose other side is the test. */
class Line implements Socket {
	bufferedAmount = 0;
	readonly said: ClientFrame[] = [];
	messages = 0;
	closed = false;
	readonly #listeners = new Map<string, (event: { data: unknown }) => void>();

	addEventListener(type: string, listener: (event: { data: unknown }) => void): void {
		this.#listeners.set(type, listener);
	}

	send(message: string): void {
		const parsed = parseClientMessage(message);
		if (!parsed.ok)
			throw new Error(`the link said something bad: ${parsed.fault.kind} at ${parsed.fault.at}`);
		this.messages++;
		this.said.push(...parsed.frames);
	}

	/** As of a connection that is half open, nothing follows. */
	close(): void {
		this.closed = true;
	}

	emit(type: 'open' | 'close' | 'error' | 'message', data?: unknown): void {
		this.#listeners.get(type)?.({ data });
	}

	hear(...frames: ServerFrame[]): void {
		this.emit('message', JSON.stringify(frames));
	}
}

function setUp() {
	const clock = new FakeClock();
	const lines: Line[] = [];
	const states: LinkState[] = [];
	const heard: ServerFrame[] = [];
	const network = { forbidden: false };
	const link = new Link(
		{
			clock,
			forbidden: () => network.forbidden,
			random: () => 1,
			token: TOKEN,
			connect: () => {
				const line = new Line();
				lines.push(line);
				return line;
			}
		},
		{ state: (state) => states.push(state), frames: (frames) => heard.push(...frames) }
	);
	const line = (): Line => lines.at(-1) ?? new Line();
	/** Opens and is welcomed. */
	const greet = () => {
		line().emit('open');
		line().hear(WELCOME);
	};
	return { clock, lines, states, heard, link, line, greet, network };
}

describe('a link', () => {
	test('says hello with its token and is on once it is welcomed', () => {
		const { link, line, states } = setUp();
		link.open();
		expect(link.send({ t: 'ping', n: 1 })).toBe(false);
		line().emit('open');
		expect(line().said).toEqual([{ t: 'hello', v: 1, token: TOKEN }]);
		line().hear(WELCOME);
		expect(states.map(({ kind }) => kind)).toEqual(['connecting', 'on']);
		expect(link.send({ t: 'open', room: ID, after: 0 })).toBe(true);
		expect(line().said.at(-1)).toEqual({ t: 'open', room: ID, after: 0 });
	});

	test('hands on what is heard in its order, and keeps its own frames to itself', () => {
		const { link, line, greet, heard } = setUp();
		link.open();
		greet();
		const level: ServerFrame = { t: 'level', room: ID, seq: 3 };
		const changed: ServerFrame = { t: 'changed', room: ID };
		line().hear(level, { t: 'pong', n: 0 }, changed);
		expect(heard).toEqual([level, changed]);
	});

	test('a long queue goes out in messages within the bounds', () => {
		const { link, line, greet } = setUp();
		link.open();
		greet();
		const before = line().messages;
		const frames = Array.from({ length: 130 }, (_, n): ClientFrame => ({ t: 'ping', n }));
		const body = 'A'.repeat(LIMITS.bodyChars);
		const large = Array.from({ length: 8 }, (): ClientFrame => ({ t: 'send', room: ID, id: ID, body }));
		link.send(...frames, ...large);
		expect(line().said.slice(1)).toEqual([...frames, ...large]);
		expect(line().messages - before).toBeGreaterThan(4);
	});

	test('waits longer after each failure, within bounds, and tries again', () => {
		const { link, line, lines, clock } = setUp();
		link.open();
		const waits: number[] = [];
		for (let tries = 1; tries <= 9; tries++) {
			line().emit('error');
			line().emit('close');
			expect(link.state).toMatchObject({ kind: 'waiting', why: 'closed', tries });
			if (link.state.kind === 'waiting') waits.push(link.state.retryAt - clock.now());
			clock.turn(waits.at(-1) ?? 0);
			expect(lines).toHaveLength(tries + 1);
		}
		expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
	});

	test('a server that accepts and drops at once is not hammered, and a good connection is forgiven', () => {
		const { link, line, greet, clock } = setUp();
		link.open();
		for (let tries = 1; tries <= 4; tries++) {
			greet();
			line().emit('close');
			expect(link.state).toMatchObject({ kind: 'waiting', tries });
			clock.turn(500 * 2 ** (tries - 1));
		}
		greet();
		clock.turn(11_000);
		line().emit('close');
		expect(link.state).toMatchObject({ kind: 'waiting', tries: 1 });
	});

	test('one that never answers is given up', () => {
		const { link, line, clock } = setUp();
		link.open();
		line().emit('open');
		clock.turn(10_000);
		expect(link.state).toMatchObject({ kind: 'waiting', why: 'no-answer' });
		expect(line().closed).toBe(true);
	});

	test('a silent one is asked, and left when it does not answer: never connected but stuck', () => {
		const { link, line, greet, clock } = setUp();
		link.open();
		greet();
		clock.turn(15_000);
		expect(line().said.at(-1)).toEqual({ t: 'ping', n: 0 });
		line().hear({ t: 'pong', n: 0 });
		clock.turn(15_000);
		expect(line().said.at(-1)).toEqual({ t: 'ping', n: 1 });
		clock.turn(9_999);
		expect(link.state.kind).toBe('on');
		clock.turn(1);
		expect(link.state).toMatchObject({ kind: 'waiting', why: 'silent' });
	});

	test('what a left connection says or does late touches nothing', () => {
		const { link, line, lines, greet, clock, heard } = setUp();
		link.open();
		greet();
		clock.turn(25_000);
		clock.turn(30_000);
		greet();
		const [old] = lines;
		old?.hear({ t: 'changed', room: ID });
		old?.emit('close');
		expect(heard).toEqual([]);
		expect(link.state.kind).toBe('on');
		expect(line().closed).toBe(false);
	});

	test('a token or a version that is refused ends it, without another try', () => {
		for (const code of ['token', 'version'] as const) {
			const { link, line, lines, clock } = setUp();
			link.open();
			line().emit('open');
			line().hear({ t: 'fault', code });
			line().emit('close');
			clock.turn(600_000);
			expect(link.state).toEqual({ kind: 'refused', why: code });
			expect(lines).toHaveLength(1);
		}
	});

	test('[F3] a message that is not of the protocol closes it, and it comes again', () => {
		const bad: unknown[] = ['{', '[]', '[{"t":"nothing"}]', new ArrayBuffer(4), JSON.stringify([WELCOME])];
		for (const data of bad) {
			const { link, line, lines, greet, clock } = setUp();
			link.open();
			greet();
			line().emit('message', data);
			expect(link.state).toMatchObject({ kind: 'waiting', why: 'bad-message' });
			clock.turn(1_000);
			expect(lines).toHaveLength(2);
		}
	});

	test('[F3] frames before the welcome are no protocol', () => {
		const { link, line, heard } = setUp();
		link.open();
		line().emit('open');
		line().hear({ t: 'changed', room: ID });
		expect(link.state).toMatchObject({ kind: 'waiting', why: 'bad-message' });
		expect(heard).toEqual([]);
	});

	test('a server that stops is come back to', () => {
		const { link, line, greet } = setUp();
		link.open();
		greet();
		line().hear({ t: 'fault', code: 'stopping' });
		expect(link.state).toMatchObject({ kind: 'waiting', why: 'told-to' });
	});

	test('a nudge shortens the wait, and asks a connection whether it lives', () => {
		const { link, line, lines, greet, clock } = setUp();
		link.open();
		line().emit('close');
		link.nudge();
		expect(lines).toHaveLength(2);
		greet();
		link.nudge();
		link.nudge();
		expect(line().said.filter(({ t }) => t === 'ping')).toHaveLength(1);
		clock.turn(10_000);
		expect(link.state).toMatchObject({ kind: 'waiting', why: 'silent' });
	});

	test('a frame that may be lost does not wait in a crowd', () => {
		const { link, line, greet } = setUp();
		link.open();
		greet();
		line().bufferedAmount = 100_000;
		link.offer({ t: 'signal', room: ID, n: 1, body: 'AAAA' });
		expect(line().said.some(({ t }) => t === 'signal')).toBe(false);
		line().bufferedAmount = 0;
		link.offer({ t: 'signal', room: ID, n: 2, body: 'AAAA' });
		expect(line().said.at(-1)).toMatchObject({ t: 'signal', n: 2 });
	});

	test('closed, it stays closed, whatever was under way', () => {
		for (const when of ['connecting', 'on', 'waiting'] as const) {
			const { link, line, lines, greet, clock } = setUp();
			link.open();
			if (when === 'on') greet();
			if (when === 'waiting') line().emit('close');
			link.close();
			line().emit('open');
			line().emit('close');
			clock.turn(600_000);
			expect(link.state).toEqual({ kind: 'closed' });
			expect(lines).toHaveLength(1);
		}
	});
});

test('waits lie between half of the bound and the whole of it', () => {
	for (const tries of [1, 2, 5, 7, 100]) {
		const most = backoff(tries, 1);
		expect(backoff(tries, 0)).toBe(most / 2);
		expect(most).toBeLessThanOrEqual(30_000);
	}
});

describe('where the person forbids the network', () => {
	test('nothing is opened, and a nudge opens it once it is allowed', () => {
		const { link, lines, network, clock } = setUp();
		network.forbidden = true;
		link.open();
		expect(link.state).toEqual({ kind: 'forbidden' });
		link.nudge();
		clock.turn(600_000);
		expect(lines).toHaveLength(0);
		network.forbidden = false;
		link.nudge();
		expect(link.state.kind).toBe('connecting');
		expect(lines).toHaveLength(1);
	});

	test('a connection that is open ends, and none comes by itself', () => {
		const { link, lines, line, network, clock, greet } = setUp();
		link.open();
		greet();
		network.forbidden = true;
		link.nudge();
		expect(line().closed).toBe(true);
		expect(link.state).toEqual({ kind: 'forbidden' });
		clock.turn(600_000);
		expect(lines).toHaveLength(1);
	});
});
