import { expect, test } from 'vitest';
import { type Beat, Pace } from '#lib/text/pace.ts';

const FRAME = 16;

/** A page whose time passes when it is told to, and whose frames cost what they are told to. */
class Page implements Beat {
	time = 0;
	/** What the next frames cost, in milliseconds. */
	cost = 1;
	/** When something was drawn. */
	drawn: number[] = [];
	#calls: { at: number; call: () => void }[] = [];
	#painted: (() => void)[] = [];

	now = () => this.time;
	frame = (call: () => void) => this.#at(Math.floor(this.time / FRAME) * FRAME + FRAME, call);
	after = (ms: number, call: () => void) => this.#at(this.time + ms, call);
	painted = (call: () => void) => void this.#painted.push(call);

	#at(at: number, call: () => void): () => void {
		const entry = { at, call };
		this.#calls.push(entry);
		return () => (this.#calls = this.#calls.filter((other) => other !== entry));
	}

	/** Lets a time pass. */
	pass(until: number): void {
		for (;;) {
			const next = this.#calls.toSorted((a, b) => a.at - b.at)[0];
			if (!next || next.at > until) break;
			this.#calls = this.#calls.filter((other) => other !== next);
			this.time = Math.max(this.time, next.at);
			next.call();
			if (this.#painted.length > 0) this.time += this.cost;
			for (const painted of this.#painted.splice(0)) painted();
		}
		this.time = Math.max(this.time, until);
	}

	/** Asks `pace` to draw every four milliseconds. */
	write(pace: Pace, until: number): void {
		while (this.time < until) {
			pace.draw(() => this.drawn.push(this.time));
			this.pass(this.time + 4);
		}
	}
}

function gaps(times: number[]): number[] {
	return times.slice(1).map((time, i) => time - (times[i] ?? NaN));
}

test('draws at each frame where that is cheap', () => {
	const page = new Page();
	page.write(new Pace(page), 1_000);
	expect(new Set(gaps(page.drawn))).toEqual(new Set([FRAME]));
});

test('leaves seven eighths of the time to others', () => {
	const page = new Page();
	page.cost = 10;
	page.write(new Pace(page), 2_000);
	expect(Math.min(...gaps(page.drawn).slice(1))).toBeGreaterThanOrEqual(80);
	expect(Math.max(...gaps(page.drawn).slice(1))).toBeLessThanOrEqual(80 + 2 * FRAME);
});

test('does not let the text stand still for longer than 150 ms, however slow the device', () => {
	const page = new Page();
	page.cost = 60;
	page.write(new Pace(page), 3_000);
	expect(Math.max(...gaps(page.drawn))).toBeLessThanOrEqual(150 + 2 * FRAME);
});

test('one slow frame, in which something else had the processor, changes nothing', () => {
	const page = new Page();
	const pace = new Pace(page);
	page.write(pace, 500);
	page.cost = 100;
	const before = page.drawn.length;
	page.write(pace, page.time + FRAME);
	page.cost = 1;
	page.write(pace, page.time + 500);
	expect(Math.max(...gaps(page.drawn.slice(before)))).toBeLessThanOrEqual(100 + 2 * FRAME);
	expect(gaps(page.drawn.slice(before + 2)).every((gap) => gap === FRAME)).toBe(true);
});

test('draws the last of what was asked for, and nothing once it was taken back', () => {
	const page = new Page();
	const pace = new Pace(page);
	const said: string[] = [];
	pace.draw(() => said.push('first'));
	pace.draw(() => said.push('second'));
	page.pass(100);
	expect(said).toEqual(['second']);
	pace.draw(() => said.push('third'));
	pace.cancel();
	page.pass(1_000);
	expect(said).toEqual(['second']);
	pace.draw(() => said.push('fourth'));
	page.pass(2_000);
	expect(said).toEqual(['second', 'fourth']);
});
