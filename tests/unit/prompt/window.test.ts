import { describe, expect, test } from 'vitest';
import { fitWindow, TURN_OVERHEAD, type Weights } from '#lib/prompt/window.ts';

const weights = (history: number[], question = 10): Weights => ({ system: 10, history, question, prefix: 0 });

function given(history: number[], window = 1000, wished = 200) {
	const fit = fitWindow(weights(history), window, wished);
	if (fit.kind !== 'fits') throw new Error('it should fit');
	const tokens = history.slice(fit.from).reduce((sum, turn) => sum + turn + TURN_OVERHEAD, 0);
	return { ...fit, tokens };
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
		const starts = Array.from({ length: 40 }, (_, turns) => given(Array<number>(turns).fill(50)).from);
		expect(starts).toEqual(starts.toSorted((a, b) => a - b));
		expect(new Set(starts).size).toBeLessThan(8);
		expect(starts.at(-1)).toBeGreaterThan(20);
	});

	test('drops a single turn that is larger than the room', () => {
		expect(given([5000])).toMatchObject({ from: 1, tokens: 0 });
	});

	test('says how much too long a question is', () => {
		const fit = fitWindow(weights([], 5000), 1000, 200);
		expect(fit.kind).toBe('too-long');
		if (fit.kind === 'too-long') {
			expect(fit.tokens).toBe(5000);
			expect(fitWindow(weights([], fit.room), 1000, 200).kind).toBe('fits');
			expect(fitWindow(weights([], fit.room + 1), 1000, 200).kind).toBe('too-long');
		}
	});
});
