import { describe, expect, test, vi } from 'vitest';
import { utf8 } from '#lib/seal/bytes.ts';
import { BOUNDS, isOp, readOps, readSignal, writeOps, writeSignal, type Op } from '#lib/room/payload.ts';
import { callsAssistant, mentioned } from '#lib/room/mentions.ts';
import { Choices, seedOf } from '../../sync/support/random.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

const SEED = seedOf(process.env, 20_261_123);
const ID = 'A'.repeat(22);
const KEY = 'B'.repeat(43);
const WRAP = `${KEY}.${'C'.repeat(107)}` as const;

/** One good operation of each kind. */
const good: { [T in Op['t']]: Extract<Op, { t: T }> } = {
	message: { t: 'message', id: ID, text: '你好 👋', reply: { author: ID, id: ID }, mentions: [ID] },
	edit: { t: 'edit', id: ID, text: 'x' },
	remove: { t: 'remove', id: ID },
	react: { t: 'react', author: ID, id: ID, emoji: '👩‍👩‍👧', on: true },
	seen: { t: 'seen', seq: 7 },
	title: { t: 'title', title: 'The kitchen 厨房' },
	device: { t: 'device', agreement: KEY, name: 'ada' },
	key: { t: 'key', epoch: 1, gone: [ID], wraps: [WRAP] },
	past: { t: 'past', secrets: [{ epoch: 0, secret: KEY }] },
	ask: { t: 'ask', id: ID },
	claim: { t: 'claim', id: ID, ask: ID, over: ID },
	answer: {
		...{ t: 'answer', ask: ID, claim: ID, text: '四十二' },
		made: {
			...{ model: 'Self-test', engine: 'wllama', ending: 'failed' },
			settings: {
				...{ temperature: 0.7, topP: 0.8, maxTokens: 1024, presencePenalty: 0, frequencyPenalty: -1, seed: 7 }
			},
			failure: { kind: 'device-lost', detail: '' }
		}
	},
	stop: { t: 'stop', ask: ID },
	offer: { t: 'offer', model: 'Qwen2 0.5B' },
	answers: { t: 'answers', every: true }
};

const bytesOf = (value: unknown) => utf8(JSON.stringify(value));
const readOne = (op: unknown) => readOps(bytesOf({ v: 1, ops: [op] }));

describe('a payload', () => {
	test.each(Object.values(good))('[P1] [P2] with "$t" is read as it was written', (op) => {
		expect(readOps(writeOps([op]))).toEqual({ ok: true, value: [op] });
		expect(isOp(op)).toBe(true);
	});

	test('[P1] holds up to 64 operations in their order', () => {
		const many = Array.from({ length: 64 }, (_, seq): Op => ({ t: 'seen', seq: seq + 1 }));
		expect(readOps(writeOps(many))).toEqual({ ok: true, value: many });
		expect(() => writeOps([...many, good.seen])).toThrow(RangeError);
		expect(readOps(bytesOf({ v: 1, ops: [...many, good.seen] }))).toEqual({ ok: false, fault: 'malformed' });
		expect(readOps(bytesOf({ v: 1, ops: [] }))).toEqual({ ok: false, fault: 'malformed' });
	});

	test('[P1] of a later version is told from one that is malformed', () => {
		expect(readOps(bytesOf({ v: 2, anything: true }))).toEqual({ ok: false, fault: 'version' });
		const wrong = [null, [], 'x', 1, {}, { v: 1 }, { v: 0, ops: [] }, { v: '1', ops: [] }, { v: 1, ops: {} }];
		for (const value of [
			...wrong,
			{ v: 1, ops: [good.seen], more: 1 },
			{ v: 1, signal: { t: 'typing', on: true } }
		])
			expect(readOps(bytesOf(value)), JSON.stringify(value)).toEqual({ ok: false, fault: 'malformed' });
		expect(readOps(new Uint8Array([0xff, 0xfe]))).toEqual({ ok: false, fault: 'malformed' });
	});

	test('[P2] an operation with a field missing, more or out of its bounds spoils it', () => {
		const values = [
			undefined,
			null,
			true,
			-1,
			0.5,
			2 ** 53,
			'',
			' ',
			'ä',
			'\u0000',
			'x'.repeat(10_001),
			{},
			[{}]
		];
		for (const op of Object.values(good)) {
			expect(readOne({ ...op, more: 1 }).ok, op.t).toBe(false);
			for (const key of Object.keys(op).filter((name) => name !== 't')) {
				for (const value of values) {
					const text = value === ' ' || value === 'ä' || value === '\u0000' || value === 'x'.repeat(10_001);
					const fits =
						(value === null && ['reply', 'over', 'model'].includes(key)) ||
						(value === true && ['on', 'every'].includes(key)) ||
						(text && key === 'text' && value !== 'x'.repeat(10_001)) ||
						(op.t === 'answer' && key === 'text' && typeof value === 'string') ||
						(value === 'ä' && ['title', 'name', 'emoji', 'model'].includes(key));
					expect(readOne({ ...op, [key]: value }).ok, `${op.t}.${key} = ${JSON.stringify(value)}`).toBe(fits);
				}
			}
		}
	});

	test('[P2] an operation that is not known yet leaves the others as they are', () => {
		for (const t of ['summary', 'constructor', '__proto__'])
			expect(readOps(bytesOf({ v: 1, ops: [{ t, any: 1 }, good.seen] }))).toEqual({
				ok: true,
				value: [{ t: 'unknown' }, good.seen]
			});
		expect(readOne({ t: 3 }).ok).toBe(false);
		expect(isOp({ t: 'summary' })).toBe(false);
	});

	test('[O1] [O3] [O5] texts are held to their lengths', () => {
		expect(readOne({ ...good.message, text: 'x'.repeat(BOUNDS.text) }).ok).toBe(true);
		expect(readOne({ ...good.message, mentions: Array(33).fill(ID) }).ok).toBe(false);
		expect(readOne({ ...good.react, emoji: 'a b' }).ok).toBe(false);
		expect(readOne({ ...good.react, emoji: 'x'.repeat(33) }).ok).toBe(false);
		for (const title of ['x'.repeat(65), ' x', 'x ', 'a\nb', 'a\u202eb'])
			expect(readOne({ ...good.title, title }).ok, title).toBe(false);
	});

	test('[A3] [A5] what made an answer is held to its bounds', () => {
		const { made } = good.answer;
		const { settings } = made;
		for (const fine of [{ settings: null }, { failure: null }, { ending: 'end' }, { model: '模型' }])
			expect(readOne({ ...good.answer, made: { ...made, ...fine } }).ok, JSON.stringify(fine)).toBe(true);
		for (const wrong of [
			...[
				{ ending: 'won' },
				{ model: '' },
				{ model: 'a\nb' },
				{ model: 'x'.repeat(97) },
				{ engine: '__proto__' }
			],
			...[{ failure: {} }, { failure: { kind: 'x', detail: 'x'.repeat(501) } }, { more: 1 }],
			...[{ settings: {} }, { settings: { ...settings, seed: 0.5 } }, { settings: { ...settings, topP: 2 } }]
		])
			expect(readOne({ ...good.answer, made: { ...made, ...wrong } }).ok, JSON.stringify(wrong)).toBe(false);
		expect(readOne({ ...good.answer, text: 'x'.repeat(32_001) }).ok).toBe(false);
	});

	test('[D1] [D2] a device stands first and a key alone', () => {
		expect(readOps(writeOps([good.device, good.message])).ok).toBe(true);
		expect(readOps(writeOps([good.device, good.key])).ok).toBe(true);
		expect(readOps(writeOps([good.message, good.device])).ok).toBe(false);
		expect(readOps(writeOps([good.device, good.device])).ok).toBe(false);
		expect(readOps(writeOps([good.message, good.key])).ok).toBe(false);
	});

	test('[D2] a change of the key for as many as a room holds fits into one event', () => {
		const key: Op = { ...good.key, gone: Array(64).fill(ID), wraps: Array(256).fill(WRAP) };
		const device: Op = { ...good.device, name: '名'.repeat(32) };
		expect(readOps(writeOps([device, key]))).toEqual({ ok: true, value: [device, key] });
		expect(readOne({ ...key, wraps: Array(257).fill(WRAP) }).ok).toBe(false);
	});

	test('[P1] what is more than an event holds is not written', () => {
		const long: Op = { ...good.message, text: '漢'.repeat(10_000) };
		expect(() => writeOps([long, long])).toThrow(RangeError);
	});

	test(`[P1] whatever bytes come, the parser answers (SYNC_SEED=${SEED})`, () => {
		const choices = new Choices(SEED);
		const kinds = Object.values(good);
		for (let round = 0; round < 5_000; round++) {
			const text = JSON.stringify({ v: 1, ops: [choices.pick(kinds), choices.pick(kinds)] });
			const at = choices.whole(0, text.length);
			const end = choices.whole(at, text.length);
			const spoiled = [
				text.slice(0, at) + text.slice(end),
				text.slice(0, end) + text.slice(at),
				text.slice(0, at) + choices.pick(['[', '{', '"', 'null', '1e999', '\\u0000']) + text.slice(at + 1),
				'['.repeat(choices.whole(1, 5_000)) + text
			];
			for (const one of [utf8(choices.pick(spoiled)), new Uint8Array(choices.bytes(choices.whole(0, 300)))]) {
				const read = readOps(one);
				if (read.ok) for (const op of read.value) expect(op.t === 'unknown' || isOp(op)).toBe(true);
				expect(readSignal(one).ok).toBe(false);
			}
		}
	});
});

describe('a signal', () => {
	test('[G1] says that somebody is typing, and nothing else passes', () => {
		expect(readSignal(writeSignal({ t: 'typing', on: true }))).toEqual({
			ok: true,
			value: { t: 'typing', on: true }
		});
		for (const signal of [
			{ t: 'typing' },
			{ t: 'typing', on: 1 },
			{ t: 'typing', on: true, more: 1 },
			null,
			[]
		])
			expect(readSignal(bytesOf({ v: 1, signal })).ok).toBe(false);
		expect(readSignal(bytesOf({ v: 1, signal: { t: 'wave' } }))).toEqual({
			ok: true,
			value: { t: 'unknown' }
		});
	});

	test('[G3] [G4] carries a piece of an answer, or asks for one, within its bounds', () => {
		const draft = { t: 'draft', claim: ID, offset: 0, text: 'x'.repeat(1_000) } as const;
		const want = { t: 'want', claim: ID, offset: 32_000 } as const;
		for (const signal of [draft, want, { ...draft, text: '' }])
			expect(readSignal(writeSignal(signal))).toEqual({ ok: true, value: signal });
		for (const signal of [
			...[
				{ ...draft, text: 'x'.repeat(1_001) },
				{ ...draft, offset: -1 },
				{ ...draft, offset: 0.5 }
			],
			...[{ ...draft, claim: 'x' }, { ...want, offset: 32_001 }, { ...want, text: '' }, { t: 'draft' }]
		])
			expect(readSignal(bytesOf({ v: 1, signal })), JSON.stringify(signal)).toEqual({
				ok: false,
				fault: 'malformed'
			});
	});
});

test('a text names members by "@" and their name, the longer one of two', () => {
	const members = ['ann', 'Anna', '小明'].map((name) => ({ account: `id of ${name}`, name }));
	expect(mentioned('@anna and @小明, not ann', members)).toEqual(['id of Anna', 'id of 小明']);
	expect(mentioned('@ann @ann @nobody', members)).toEqual(['id of ann']);
	expect(mentioned('nobody', members)).toEqual([]);
});

test('a text calls the model wherever a mention counts, and not where a member is meant', () => {
	const members = [{ name: 'Aida' }, { name: 'AI-bot' }];
	for (const text of ['@AI why?', 'Why, @ai?', '你好@AI你好', '@小助手你好', 'a line\n@Ai', '(@AI)'])
		expect(callsAssistant(text, members), text).toBe(true);
	for (const text of ['AI', '@Aida', '@AI-bot hello', '@aiming', '@AI2', 'me@ai.example', '@ AI', '小助手'])
		expect(callsAssistant(text, members), text).toBe(false);
	expect(callsAssistant('@AI-bot, and @AI', members)).toBe(true);
});
