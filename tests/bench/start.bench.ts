import type { Page } from 'playwright';
import type { Bench, BenchContext, Result } from './harness/bench.ts';
import { fillHistory } from './harness/fill-history.ts';
import { summarize } from './harness/samples.ts';

/** How often each start is measured. */
const ROUNDS = 15;

const LONG = { conversations: 1_000, pairs: 2, characters: 100 };
const NONE = { conversations: 0, pairs: 0, characters: 0 };

/** What the list of conversations shows once it has been read. It may call itself empty before that. */
const LISTS = { none: '#conversations li.quiet', long: '#conversations li a[href*="conversation-"]' };

type History = keyof typeof LISTS;

/** Milliseconds from the start of a navigation. */
type Start = { /** The message field takes text. */ usable: number } & Record<History, number>;

/** Notes, from a page's first script on and by its own clock, when the field and each list appear. */
async function watchStarts(page: Page): Promise<void> {
	const seek = { usable: 'textarea[aria-label="Message"]:enabled', ...LISTS };
	await page.addInitScript((seek) => {
		const start: Record<string, number> = {};
		new MutationObserver(() => {
			for (const [name, selector] of Object.entries(seek)) {
				if (document.querySelector(selector)) start[name] ??= performance.now();
			}
		}).observe(document, { childList: true, subtree: true, attributes: true });
		Object.assign(window, { start });
	}, seek);
}

/** Opens the app, and waits until its list is there and it has nothing more to do. */
async function open(page: Page, address: string, history: History): Promise<Start> {
	await page.goto(address);
	await page.locator(LISTS[history]).first().waitFor();
	await page.getByRole('textbox', { name: 'Message' }).waitFor();
	await untilIdle(page);
	return page.evaluate(() => Reflect.get(window, 'start') as Start);
}

async function untilIdle(page: Page): Promise<void> {
	await page.waitForLoadState('networkidle');
	await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
}

/** How much longer the app takes to start with a long history than with none, in one and the same profile. */
async function run(context: BenchContext, cpu: number): Promise<Result> {
	const page = await context.newPage({ cpu });
	await open(page, context.baseURL, 'none');
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
	await watchStarts(page);

	let before: History = 'none';
	const listed: Record<History, number[]> = { none: [], long: [] };
	const measure = (history: History) => async () => {
		await open(page, context.baseURL, before);
		await fillHistory(page, history === 'long' ? LONG : NONE);
		before = history;
		await page.goto('about:blank');
		await untilIdle(page);
		const start = await open(page, context.baseURL, history);
		listed[history].push(start[history]);
		return start.usable;
	};
	const usable = await context.mediansOf(ROUNDS, { none: measure('none'), long: measure('long') });
	const lists = { none: summarize(listed.none), long: summarize(listed.long) };
	const long = `${LONG.conversations.toLocaleString('en')} conversations`;
	const label = 'to the message field, long history against none';
	return {
		rows: [
			{ label: 'to the message field, no history', value: usable.none.median, unit: 'ms' },
			{ label: `to the message field, ${long}`, value: usable.long.median, unit: 'ms' },
			{ label: 'to the list, no history', value: lists.none.median, unit: 'ms' },
			{ label: `to the list, ${long}`, value: lists.long.median, unit: 'ms' }
		],
		ratios: [{ label, value: usable.long.median / usable.none.median, atMost: 1.3 }]
	};
}

export const benches: Bench[] = [
	{ name: 'start', run: (context) => run(context, 1) },
	{ name: 'start-slow-cpu', run: (context) => run(context, 4) }
];
