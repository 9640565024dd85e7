import { describe, expect, test, vi } from 'vitest';
import { LIMITS, type ClientFrame, type ServerFrame } from '#lib/wire/frames.ts';
import { parseClientMessage, parseServerMessage } from '#lib/wire/parse.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const TOKEN = 'b'.repeat(43);

const client: { [T in ClientFrame['t']]: Extract<ClientFrame, { t: T }> } = {
	hello: { t: 'hello', v: 1, token: TOKEN },
	open: { t: 'open', room: ID, after: 0 },
	close: { t: 'close', room: ID },
	read: { t: 'read', room: ID, after: 7, limit: 50 },
	send: { t: 'send', room: ID, id: ID, body: 'c2VhbGVk' },
	signal: { t: 'signal', room: ID, n: 1, body: 'c2VhbGVk' },
	ping: { t: 'ping', n: 0 }
};

const event = { seq: 1, id: ID, from: ID, at: 5, body: 'c2VhbGVk' };

const server: { [T in ServerFrame['t']]: Extract<ServerFrame, { t: T }> } = {
	welcome: { t: 'welcome', v: 1, account: ID, connection: ID, heartbeat: 25_000 },
	events: { t: 'events', room: ID, events: [event] },
	level: { t: 'level', room: ID, seq: 0 },
	page: { t: 'page', room: ID, after: 0, head: 1, events: [event] },
	ack: { t: 'ack', room: ID, id: ID, seq: 1, at: 5 },
	nack: { t: 'nack', room: ID, id: ID, code: 'busy', wait: 100 },
	ended: { t: 'ended', room: ID, code: 'removed' },
	changed: { t: 'changed', room: ID },
	presence: { t: 'presence', room: ID, n: 1, here: [ID] },
	signal: { t: 'signal', room: ID, from: ID, connection: ID, n: 1, body: 'c2VhbGVk' },
	pong: { t: 'pong', n: 0 },
	fault: { t: 'fault', code: 'token' }
};

/** Both parsers with a good frame of each kind. */
const sides = [
	{ side: 'client', parse: parseClientMessage, frames: Object.values(client) },
	{ side: 'server', parse: parseServerMessage, frames: Object.values(server) }
];

/** Values that no field of any frame may have. */
const WRONG: unknown[] = [
	null,
	true,
	-1,
	1.5,
	2 ** 53,
	'',
	' ',
	'ä',
	'A'.repeat(5),
	'x'.repeat(65_537),
	{},
	[[]]
];

describe.each(sides)('messages for the $side', ({ parse, frames }) => {
	test('[F1] every kind of frame is read as it was written, in its order', () => {
		expect(parse(JSON.stringify(frames))).toEqual({ ok: true, frames });
	});

	test('[F1] a message is an array of 1 to 64 frames', () => {
		const frame = frames[0];
		expect(parse('[]')).toMatchObject({ ok: false, fault: { kind: 'not-frames' } });
		expect(parse(JSON.stringify(frame))).toMatchObject({ ok: false, fault: { kind: 'not-frames' } });
		expect(parse(JSON.stringify(Array(64).fill(frame)))).toMatchObject({ ok: true });
		expect(parse(JSON.stringify(Array(65).fill(frame)))).toMatchObject({
			ok: false,
			fault: { kind: 'too-many' }
		});
	});

	test('[F1] a message beyond its bytes is refused before it is read', () => {
		const text = JSON.stringify([frames[0]]).padEnd(LIMITS.messageBytes + 1);
		expect(parse(text)).toEqual({ ok: false, fault: { kind: 'too-large', at: '' } });
	});

	test('[F2] a missing field is named by its place', () => {
		for (const frame of frames) {
			for (const key of Object.keys(frame)) {
				if (key === 't') continue;
				const copy = Object.fromEntries(Object.entries(frame).filter(([name]) => name !== key));
				expect(parse(JSON.stringify([copy]))).toEqual({
					ok: false,
					fault: { kind: 'bad-field', at: `0.${key}` }
				});
			}
		}
	});

	test('[F2] a field out of its bounds is refused, whatever it is', () => {
		for (const frame of frames) {
			for (const key of Object.keys(frame)) {
				for (const wrong of WRONG) {
					const parsed = parse(JSON.stringify([{ ...frame, [key]: wrong }]));
					expect(parsed.ok, `${frame.t}.${key} = ${JSON.stringify(wrong).slice(0, 20)}`).toBe(false);
				}
			}
		}
	});

	test('[F2] an unknown field or kind is refused, also one from the prototype', () => {
		for (const frame of frames) {
			expect(parse(JSON.stringify([{ ...frame, more: 1 }]))).toMatchObject({
				fault: { kind: 'unknown-field' }
			});
		}
		for (const t of ['constructor', '__proto__', 'toString', 'nothing', 3, null]) {
			expect(parse(JSON.stringify([{ t }]))).toMatchObject({ fault: { kind: 'unknown-frame', at: '0' } });
		}
		const polluting = JSON.stringify([frames[0]]).replace('{', '{"__proto__":{},');
		expect(parse(polluting)).toMatchObject({ fault: { kind: 'unknown-field' } });
	});

	test('[F3] one bad frame refuses the whole message', () => {
		const parsed = parse(JSON.stringify([...frames, { t: 'nothing' }]));
		expect(parsed).toEqual({ ok: false, fault: { kind: 'unknown-frame', at: String(frames.length) } });
	});

	test('[F3] nothing makes the parser throw: 20,000 seeded mutations of good messages', () => {
		const next = random(20261120);
		const text = JSON.stringify(frames);
		let refused = 0;
		for (let round = 0; round < 20_000; round++) if (!parse(mutate(text, next)).ok) refused++;
		expect(refused).toBeGreaterThan(15_000);
	});

	test('[F3] deep nesting and broken text are refused', () => {
		expect(parse('['.repeat(200_000))).toMatchObject({ fault: { kind: 'not-json' } });
		expect(parse('['.repeat(100_000) + ']'.repeat(100_000))).toMatchObject({ ok: false });
		for (const text of ['', '{', 'null', '3', '"x"', '[null]', '[[]]', '\u0000', '[NaN]']) {
			expect(parse(text).ok).toBe(false);
		}
	});
});

test('[F4] ids are 22 characters of base64url', () => {
	const parsed = (room: unknown) => parseClientMessage(JSON.stringify([{ ...client.open, room }])).ok;
	expect(parsed('abcdefghijklmnopqrstu-')).toBe(true);
	for (const room of [
		'a'.repeat(21),
		'a'.repeat(23),
		'abcdefghijklmnopqrst==',
		'abcdefghijklmnopqrst+/',
		`${ID}\n`
	]) {
		expect(parsed(room)).toBe(false);
	}
});

test('[F4] bodies are base64url within their bounds; only an erased event has none', () => {
	const sent = (body: string) => parseClientMessage(JSON.stringify([{ ...client.send, body }])).ok;
	const signal = (body: string) => parseClientMessage(JSON.stringify([{ ...client.signal, body }])).ok;
	expect(sent('a'.repeat(LIMITS.bodyChars))).toBe(true);
	expect(sent('a'.repeat(LIMITS.bodyChars + 2))).toBe(false);
	expect(signal('a'.repeat(LIMITS.signalChars))).toBe(true);
	expect(signal('a'.repeat(LIMITS.signalChars + 2))).toBe(false);
	for (const body of ['', 'a', 'aaaaa', 'aa==', 'a b', 'ä+']) expect(sent(body)).toBe(false);
	const erased = { ...server.events, events: [{ ...event, body: '' }] };
	expect(parseServerMessage(JSON.stringify([erased])).ok).toBe(true);
});

test('[C5] a page is bounded in its events', () => {
	const page = (count: number) =>
		parseServerMessage(
			JSON.stringify([{ ...server.page, events: Array(count).fill({ ...event, body: '' }) }])
		);
	expect(page(LIMITS.pageEvents).ok).toBe(true);
	expect(page(LIMITS.pageEvents + 1).ok).toBe(false);
});

/** A small seeded generator (mulberry32): numbers in [0, 1). */
function random(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Cuts, doubles, swaps or replaces a few characters. */
function mutate(text: string, next: () => number): string {
	const place = Math.floor(next() * text.length);
	const length = Math.floor(next() * 6);
	const noise = String.fromCharCode(Math.floor(next() * 0xffff));
	const choices = [
		text.slice(0, place) + text.slice(place + 1 + length),
		text.slice(0, place) + noise + text.slice(place + 1),
		text.slice(0, place),
		text.slice(0, place) + text.slice(place - length, place) + text.slice(place)
	];
	return choices[Math.floor(next() * choices.length)] ?? text;
}
