import type { Page } from 'playwright';
import type { Bench, BenchContext, Result } from './harness/bench.ts';
import { fillHistory } from './harness/fill-history.ts';
import { summarize } from './harness/samples.ts';

/** How often each start is measured. */
const ROUNDS = 11;

const CONVERSATIONS = 1_000;

/** Milliseconds from the start of a navigation. */
interface Start {
	/** The message field takes text. */
	usable: number;
	/** The history has been read and its list is drawn, or says that it is empty (which it may say too early). */
	listed: number;
}

/**
 * Notes, inside the page and from its first script on, when the app becomes usable. The page's own
 * clock counts from the navigation.
 * @param list selects what the list of conversations shows once it has been read
 */
async function watchStarts(page: Page, list: string): Promise<void> {
	await page.addInitScript((list) => {
		const start: Partial<Start> = {};
		const look = () => {
			if (document.querySelector('textarea[aria-label="Message"]:enabled'))
				start.usable ??= performance.now();
			if (document.querySelector(list)) start.listed ??= performance.now();
			if (start.usable !== undefined && start.listed !== undefined) observer.disconnect();
		};
		const observer = new MutationObserver(look);
		observer.observe(document, { childList: true, subtree: true, attributes: true });
		Object.assign(window, { start });
	}, list);
}

/** Opens the app again in a page that was there before. */
async function startAgain(page: Page, address: string): Promise<Start> {
	await page.goto('about:blank');
	await page.goto(address);
	const handle = await page.waitForFunction(() => {
		const start: unknown = Reflect.get(window, 'start');
		return typeof start === 'object' && start && 'usable' in start && 'listed' in start ? start : undefined;
	});
	return (await handle.jsonValue()) as unknown as Start;
}

/** A page whose service worker is in charge, so that every start measured comes from its cache. */
async function openedPage(context: BenchContext, cpu: number, list: string): Promise<Page> {
	const page = await context.newPage({ cpu });
	await page.goto('');
	await page.getByRole('textbox', { name: 'Message' }).waitFor();
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
	await watchStarts(page, list);
	return page;
}

/** How much longer the app takes to start with a long history than with none. */
async function run(context: BenchContext, cpu: number): Promise<Result> {
	const empty = await openedPage(context, cpu, '#conversations li.quiet');
	const full = await openedPage(context, cpu, '#conversations li a[href*="conversation-"]');
	await fillHistory(full, { conversations: CONVERSATIONS, pairs: 5, characters: 100 });
	const listed: Record<'empty' | 'full', number[]> = { empty: [], full: [] };
	const measure = (page: Page, name: 'empty' | 'full') => async () => {
		const start = await startAgain(page, context.baseURL);
		listed[name].push(start.listed);
		return start.usable;
	};
	const usable = await context.mediansOf(ROUNDS, {
		empty: measure(empty, 'empty'),
		full: measure(full, 'full')
	});
	const lists = { empty: summarize(listed.empty), full: summarize(listed.full) };
	const history = `${CONVERSATIONS.toLocaleString('en')} conversations`;
	return {
		rows: [
			{ label: 'to the message field, no history', value: usable.empty.median, unit: 'ms' },
			{ label: `to the message field, ${history}`, value: usable.full.median, unit: 'ms' },
			{ label: 'to the list, no history', value: lists.empty.median, unit: 'ms' },
			{ label: `to the list, ${history}`, value: lists.full.median, unit: 'ms' }
		],
		ratios: [
			{
				label: 'to the message field, long history against none',
				value: usable.full.median / usable.empty.median,
				atMost: 1.3
			}
		]
	};
}

export const benches: Bench[] = [
	{ name: 'start', run: (context) => run(context, 1) },
	{ name: 'start-slow-cpu', run: (context) => run(context, 4) }
];
