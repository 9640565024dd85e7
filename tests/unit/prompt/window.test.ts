import { describe, expect, test } from 'vitest';
import { fitWindow, type Start, TURN_OVERHEAD, type Weights } from '#lib/prompt/window.ts';

const ALL: Start = { from: 0, summary: 0 };
const weights = (history: number[], question = 10): Weights => ({ system: 10, history, question, prefix: 0 });

/** What is given, when what was given before may be given again. */
function given(history: number[], before = 0, { window = 1000, wished = 200 } = {}) {
	const starts = before > 0 ? [ALL, { from: before, summary: 0 }] : [ALL];
	const fit = fitWindow(weights(history), window, wished, starts);
	if (fit.kind === 'too-long') throw new Error('it should fit');
	const from = fit.kind === 'overflows' ? fit.from : (starts[fit.start]?.from ?? 0);
	const tokens = history.slice(from).reduce((sum, turn) => sum + turn + TURN_OVERHEAD, 0);
	return { from, answer: fit.answer, tokens };
}

describe('the context window', () => {
	test('holds everything while there is room, and the answer gets what was wished', () => {
		expect(given([100, 100])).toMatchObject({ from: 0, answer: 200 });
	});

	test('never overflows, whatever the history', () => {
		for (let turns = 0; turns < 60; turns++) {
			const { tokens, answer } = given(Array.from({ length: turns }, (_, i) => 10 + ((i * 37) % 90)));
			expect(tokens + answer + 20 + 3 * TURN_OVERHEAD).toBeLessThanOrEqual(1000);
			expect(answer).toBeGreaterThanOrEqual(64);
		}
	});

	test('drops the oldest turns in large slices, so that the beginning mostly stays the same', () => {
		let before = 0;
		const starts = Array.from({ length: 40 }, (_, turns) => {
			before = given(Array<number>(turns).fill(50), before).from;
			return before;
		});
		expect(starts).toEqual(starts.toSorted((a, b) => a - b));
		expect(new Set(starts).size).toBeLessThan(8);
		expect(starts.at(-1)).toBeGreaterThan(20);
	});

	test('gives all again where the room has grown', () => {
		expect(given(Array<number>(16).fill(50), 7).from).toBe(7);
		expect(given(Array<number>(16).fill(50), 7, { window: 4000 }).from).toBe(0);
	});

	test('drops a single turn that is larger than the room', () => {
		expect(given([5000])).toMatchObject({ from: 1, tokens: 0 });
	});

	test('keeps room for a summary that is yet to be written', () => {
		const history = Array<number>(30).fill(50);
		const without = fitWindow(weights(history), 1000, 200, [ALL]);
		const beside = fitWindow(weights(history), 1000, 200, [ALL], 300);
		if (without.kind !== 'overflows' || beside.kind !== 'overflows') throw new Error('it should overflow');
		expect(beside.from).toBeGreaterThan(without.from);
		expect(beside.spare).toBeGreaterThanOrEqual(300 + 200);
	});

	test('says how much too long a question is', () => {
		const fit = fitWindow(weights([], 5000), 1000, 200, [ALL]);
		expect(fit.kind).toBe('too-long');
		if (fit.kind === 'too-long') {
			expect(fit.tokens).toBe(5000);
			expect(fitWindow(weights([], fit.room), 1000, 200, [ALL]).kind).toBe('fits');
			expect(fitWindow(weights([], fit.room + 1), 1000, 200, [ALL]).kind).toBe('too-long');
		}
	});
});
