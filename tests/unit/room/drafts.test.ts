import { describe, expect, test } from 'vitest';
import { Drafts, STALLED_AFTER } from '#lib/room/drafts.ts';
import type { Signal } from '#lib/room/payload.ts';
import { Stream } from '#lib/room/stream.ts';
import { FakeClock } from '../server/support/clock.ts';

type Piece = Extract<Signal, { t: 'draft' }>;

const claimed = (device = 'ada', id = 'first', mine = false) => {
	return [{ ask: 'ask', claim: { id, device, account: `of ${device}` }, mine }];
};

function listen() {
	const clock = new FakeClock();
	const wants: number[] = [];
	let stalled = 0;
	const drafts = new Drafts({
		clock,
		changed: () => undefined,
		stalled: () => stalled++,
		want: (_, offset) => wants.push(offset)
	});
	const hear = (offset: number, text: string, device = 'ada', claim = 'first') =>
		drafts.hear(device, { t: 'draft', claim, offset, text });
	return { clock, drafts, hear, wants, stalled: () => stalled };
}

describe('what is heard of an answer', () => {
	test('[G3] grows by its pieces, from the device whose claim lives alone', () => {
		const { drafts, hear } = listen();
		drafts.follow(claimed());
		hear(0, 'Hello');
		hear(0, 'Forged', 'eve');
		hear(0, 'Forged', 'ada', 'another');
		hear(5, ' there');
		expect(drafts.all).toEqual({ ask: { claim: 'first', text: 'Hello there', stalled: false } });
		// said again for somebody who missed it
		hear(0, 'Hel');
		expect(drafts.text('ask')).toBe('Hello there');
		hear(6, 'you');
		expect(drafts.text('ask')).toBe('Hello you');
	});

	test('[G3] never becomes longer than an answer may be', () => {
		const { drafts, hear } = listen();
		drafts.follow(claimed());
		for (let offset = 0; offset < 64_000; offset += 1_000) hear(offset, 'x'.repeat(1_000));
		expect(drafts.text('ask')).toHaveLength(32_000);
	});

	test('[G4] is asked for where a piece was missed, and not at every piece', () => {
		const { clock, drafts, hear, wants } = listen();
		drafts.follow(claimed());
		hear(0, 'One');
		hear(8, 'three');
		hear(13, 'four');
		expect(wants).toEqual([3]);
		clock.turn(1_000);
		hear(17, 'five');
		expect(wants).toEqual([3, 3]);
		expect(drafts.text('ask')).toBe('One');
		hear(3, ' two ');
		expect(drafts.text('ask')).toBe('One two ');
	});

	test('[G5] counts as left when nothing was heard for 10 seconds, and stays for who goes on', () => {
		const { clock, drafts, hear, stalled } = listen();
		drafts.follow(claimed());
		hear(0, 'Half');
		clock.turn(STALLED_AFTER - 1);
		hear(4, '');
		clock.turn(STALLED_AFTER - 1);
		expect([drafts.isStalled('ask'), stalled()]).toEqual([false, 0]);
		clock.turn(1);
		expect([drafts.isStalled('ask'), stalled()]).toEqual([true, 1]);
		drafts.follow(claimed('bob', 'second'));
		expect(drafts.all).toEqual({ ask: { claim: 'second', text: 'Half', stalled: false } });
		hear(0, 'Too late');
		hear(4, ' and half', 'bob', 'second');
		expect(drafts.text('ask')).toBe('Half and half');
		drafts.follow([]);
		expect(drafts.all).toEqual({});
		clock.turn(60_000);
		expect(stalled()).toBe(1);
	});

	test('[G5] has all its time again after a loss of the connection; what this device writes never stalls', () => {
		const { clock, drafts, stalled, wants } = listen();
		drafts.follow(claimed());
		clock.turn(STALLED_AFTER - 1);
		drafts.again();
		expect(wants).toEqual([0]);
		clock.turn(STALLED_AFTER - 1);
		expect(stalled()).toBe(0);
		drafts.follow(claimed('here', 'second', true));
		clock.turn(60_000);
		expect(drafts.isStalled('ask')).toBe(false);
	});
});

describe('a host', () => {
	function host(text = '') {
		const clock = new FakeClock();
		const said: Piece[] = [];
		const stream = new Stream('first', text, clock, (signal) => signal.t === 'draft' && said.push(signal));
		return { clock, said, stream };
	}

	test('[G4] gathers what the model writes, and tells each part once', () => {
		const { clock, said, stream } = host();
		clock.turn(0);
		for (let index = 0; index < 100; index++) {
			stream.set(stream.text + `${index} `);
			clock.turn(10);
		}
		clock.turn(80);
		expect(said.length).toBeLessThan(18);
		expect(said.map(({ text }) => text).join('')).toBe(stream.text);
		let offset = 0;
		for (const piece of said) {
			expect(piece.offset).toBe(offset);
			offset += piece.text.length;
		}
	});

	test('[G4] that has nothing to tell says that it is there, often enough', () => {
		const { clock, said } = host();
		clock.turn(0);
		for (let passed = 0; passed < 30_000; passed += 100) clock.turn(100);
		expect(said.every(({ text }) => text === '')).toBe(true);
		expect(said.length).toBeGreaterThanOrEqual(30_000 / STALLED_AFTER);
		expect(said.length).toBeLessThanOrEqual(16);
	});

	test('[G3] [G4] tells what it goes on from, in pieces that fit, and again to who missed it', () => {
		const { clock, said, stream } = host('x'.repeat(2_500));
		clock.turn(0);
		expect(said.map(({ offset, text }) => [offset, text.length])).toEqual([
			[0, 1_000],
			[1_000, 1_000],
			[2_000, 500]
		]);
		said.length = 0;
		stream.rewind(2_000);
		stream.rewind(0);
		clock.turn(80);
		expect(said.map(({ offset }) => offset)).toEqual([2_000]);
		clock.turn(1_000);
		stream.rewind(0);
		clock.turn(80);
		expect(said.map(({ offset }) => offset)).toEqual([2_000, 0, 1_000, 2_000]);
	});

	test('[G3] whose model began anew tells the other words', () => {
		const { clock, said, stream } = host('Once upon a time');
		clock.turn(0);
		stream.set('Once more');
		clock.turn(80);
		expect(said.at(-1)).toMatchObject({ offset: 0, text: 'Once more' });
	});
});
