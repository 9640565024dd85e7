import { expect, test, vi } from 'vitest';
import { RateLimiter } from '../../../src/server/rate.ts';
import { FakeClock } from './support/clock.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

test('grants a burst, then one at a time, and says how long to wait', () => {
	const clock = new FakeClock();
	const limiter = new RateLimiter({ burst: 3, every: 1_000 }, clock.now);
	expect([1, 2, 3].map(() => limiter.take('a'))).toEqual([0, 0, 0]);
	expect(limiter.take('a')).toBe(1_000);
	expect(limiter.take('b')).toBe(0);
	clock.turn(400);
	expect(limiter.take('a')).toBe(600);
	clock.turn(600);
	expect(limiter.take('a')).toBe(0);
	expect(limiter.take('a')).toBe(1_000);
	clock.turn(60_000);
	expect([1, 2, 3, 4].map(() => limiter.take('a'))).toEqual([0, 0, 0, 1_000]);
});

test('what is given back can be taken again, never more than the burst', () => {
	const clock = new FakeClock();
	const limiter = new RateLimiter({ burst: 1, every: 1_000 }, clock.now);
	limiter.giveBack('a');
	expect(limiter.take('a')).toBe(0);
	limiter.giveBack('a');
	expect(limiter.take('a')).toBe(0);
	expect(limiter.take('a')).toBe(1_000);
});

test('a clock that jumps back a year grants nothing and locks nobody out', () => {
	const clock = new FakeClock();
	const limiter = new RateLimiter({ burst: 1, every: 1_000 }, clock.now);
	limiter.take('a');
	clock.turn(-365 * 24 * 3_600_000);
	expect(limiter.take('a')).toBe(1_000);
	clock.turn(1_000);
	expect(limiter.take('a')).toBe(0);
});

test('a flood of keys does not fill the memory, and those at their limit stay there', () => {
	const clock = new FakeClock();
	const limiter = new RateLimiter({ burst: 2, every: 1_000 }, clock.now);
	for (let index = 0; index < 49_000; index++) limiter.take(`old${index}`);
	clock.turn(1_500);
	limiter.take('busy');
	limiter.take('busy');
	for (let index = 0; index < 40_000; index++) limiter.take(`new${index}`);
	expect(limiter.take('busy')).toBeGreaterThan(0);
});
