import type { Page } from 'playwright';
import type { Bench, BenchContext, Result } from './harness/bench.ts';
import { fillHistory } from './harness/fill-history.ts';
import { summarize } from './harness/samples.ts';
import { sum, tasksDuring } from './harness/tasks.ts';
import { answers } from './text-answer.ts';

const OPENINGS = 9;

/** Conversations by their place in the history: 100 messages, and 10,000. */
const PAIRS = [50, 5_000];
type Length = 'short' | 'long';
const PLACES: Record<Length, number> = { short: 0, long: 1 };

/** Answers such as models write, of about 1,000 characters. */
const RICH = Array.from({ length: 6 }, (_, n) =>
	answers
		.rich(3_000)
		.slice(n * 250, (n + 1) * 250)
		.join('')
);

/** Frames of one scroll, and how far each goes, in CSS pixels: a quick flick that goes on. */
const FRAMES = 400;
const STEP = 40;

/** Notes when the last message stands at the end of the thread and the next can be typed. */
async function watchOpening(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const look = () => {
			const field = document.querySelector('textarea[aria-label="Message"]:enabled');
			const log = document.querySelector('.log');
			const last = [...document.querySelectorAll('.log article .text:not(.text-plain)')].at(-1);
			const seen = log && last && last.getBoundingClientRect().bottom <= log.getBoundingClientRect().bottom;
			if (field && seen) Object.assign(window, { usable: performance.now() });
			else requestAnimationFrame(look);
		};
		look();
	});
}

/** Milliseconds until the first screen of a conversation can be used. */
async function open(page: Page, length: Length): Promise<number> {
	await page.goto('about:blank');
	await page.goto(`/chat/conversation-${PLACES[length]}`);
	await page.waitForFunction(() => 'usable' in window);
	const usable = await page.evaluate(() => Number(Reflect.get(window, 'usable')));
	await page.waitForLoadState('networkidle');
	await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
	return usable;
}

/** Scrolls up frame by frame. @returns the times between frames, in milliseconds */
function scroll(page: Page, selector: string): Promise<number[]> {
	return page.evaluate(
		async ({ selector, frames, step }) => {
			const scroller = document.querySelector(selector);
			if (!scroller) throw new Error(`nothing scrolls: ${selector}`);
			const times: number[] = [];
			let last = await new Promise<number>(requestAnimationFrame);
			for (let i = 0; i < frames; i++) {
				scroller.scrollBy(0, -step);
				const now = await new Promise<number>(requestAnimationFrame);
				times.push(now - last);
				last = now;
			}
			return times;
		},
		{ selector, frames: FRAMES, step: STEP }
	);
}

/** A page that only scrolls: as many frames as the machine can give at this moment. */
async function openPlain(context: BenchContext): Promise<Page> {
	const page = await context.newPage();
	await page.setContent(
		`<!doctype html><main style="height:100vh;overflow-y:auto">${'<p>Plain text, line by line.</p>'.repeat(800)}</main>`
	);
	return page;
}

const perSecond = (times: number[]) => (times.length * 1_000) / times.reduce((a, b) => a + b, 0);

async function run(context: BenchContext): Promise<Result> {
	const page = await context.newPage();
	await page.goto('/');
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
	await page.waitForLoadState('networkidle');
	await fillHistory(page, { conversations: 2, pairs: PAIRS, characters: 100, answers: RICH });
	await watchOpening(page);
	await open(page, 'long');
	const opened = await context.mediansOf(OPENINGS, {
		short: () => open(page, 'short'),
		long: () => open(page, 'long')
	});

	const plain = await openPlain(context);
	const worst: number[] = [];
	const longest: number[] = [];
	const busy: number[] = [];
	const rates = await context.mediansOf(5, {
		plain: async () => {
			await plain.bringToFront();
			await plain.evaluate(() => document.querySelector('main')?.scrollTo(0, 1e6));
			let times: number[] = [];
			await tasksDuring(context.browser, plain, async () => {
				times = await scroll(plain, 'main');
			});
			return perSecond(times);
		},
		thread: async () => {
			await page.bringToFront();
			await open(page, 'long');
			let times: number[] = [];
			const tasks = await tasksDuring(context.browser, page, async () => {
				times = await scroll(page, '.log');
			});
			worst.push(Math.max(...times));
			longest.push(Math.max(...tasks));
			busy.push(sum(tasks) / FRAMES);
			return perSecond(times);
		}
	});
	const late = summarize(worst).median;
	const task = summarize(longest).median;
	return {
		rows: [
			{ label: 'first screen of 100 messages', value: opened.short.median, unit: 'ms' },
			{ label: 'first screen of 10,000 messages', value: opened.long.median, unit: 'ms' },
			{ label: 'scrolling plain text', value: rates.plain.median, unit: 'frames/s' },
			{ label: 'scrolling up 10,000 messages', value: rates.thread.median, unit: 'frames/s' },
			{ label: 'longest frame of a scroll', value: late, unit: 'ms' },
			{ label: 'longest task of a scroll, processor time', value: task, unit: 'ms' },
			{
				label: 'main thread in a frame of a scroll, processor time',
				value: summarize(busy).median,
				unit: 'ms'
			}
		],
		ratios: [
			{
				label: 'opening, 10,000 messages against 100',
				value: opened.long.median / opened.short.median,
				atMost: 1.5
			},
			{ label: 'frames a second against 60', value: rates.thread.median / 60, atLeast: 55 / 60 },
			{
				label: 'frames a second against plain text',
				value: rates.thread.median / rates.plain.median,
				atLeast: 55 / 60
			},
			{ label: 'longest frame against 50 ms', value: late / 50, atMost: 1 },
			{ label: 'longest task against 50 ms', value: task / 50, atMost: 1 }
		]
	};
}

export const benches: Bench[] = [{ name: 'thread', run }];
