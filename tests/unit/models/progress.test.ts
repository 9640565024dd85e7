import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WllamaBuild } from '#lib/models/catalogue.ts';
import { ggufFile } from '#lib/models/files.ts';
import { Pace } from '#lib/models/pace.ts';
import { Progress } from '#lib/models/progress.ts';

const build: WllamaBuild = {
	...{ id: 'gguf', engine: 'wllama', quantization: 'q4_k_m', needs: {}, bytes: 1_000, memory: 1 },
	url: 'https://models.test/model.gguf'
};
const file = ggufFile(build);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watched() {
	const reports: number[] = [];
	const progress = new Progress(build, (done) => reports.push(done), Date.now);
	return { reports, progress };
}

test('what came right after a report is told, though nothing comes any more', () => {
	const { reports, progress } = watched();
	progress.report(file, 100, 1_000);
	vi.advanceTimersByTime(10);
	progress.report(file, 200, 1_000);
	progress.report(file, 300, 1_000);
	expect(reports).toEqual([100]);
	vi.advanceTimersByTime(1_000);
	expect(reports).toEqual([100, 300]);
});

test('nothing is told after the end, nor twice', () => {
	const { reports, progress } = watched();
	progress.report(file, 100, 1_000);
	progress.report(file, 200, 1_000);
	progress.report(file, 1_000, 1_000);
	progress.report(file, 400, undefined);
	progress.end();
	vi.advanceTimersByTime(1_000);
	expect(reports).toEqual([100, 1_000]);
});

test('a speed is that of the last seconds, and falls when nothing comes', () => {
	const pace = new Pace();
	pace.note(5_000_000, 0);
	expect(pace.speed(500)).toBeUndefined();
	for (let second = 1; second <= 20; second += 1) pace.note(5_000_000 + second * 1_000, second * 1_000);
	expect(pace.speed(20_000)).toBeCloseTo(1_000, -2);
	expect(pace.speed(24_000)).toBeLessThan(700);
	expect(pace.speed(40_000)).toBe(0);
	pace.note(0, 41_000);
	expect(pace.speed(41_500)).toBeUndefined();
});
