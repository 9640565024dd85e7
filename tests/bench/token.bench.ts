import type { Page } from 'playwright';
import type { Bench, BenchContext, Result } from './harness/bench.ts';
import { fillHistory } from './harness/fill-history.ts';
import { askSpeaker, hostSpeaker, PACE, spoken, untilWhole, useSpeaker } from './harness/speaker.ts';
import { sum, tasksDuring } from './harness/tasks.ts';

/** Tokens of an answer. */
const TOKENS = 300;

/** So short that a long thread takes no longer to read than a short one. */
const WINDOW = 1_280;

const LENGTHS = { 10: 5, 500: 250, 5_000: 2_500 };

/** A page with a conversation of so many pairs of messages, and a model that answers. */
async function openThread(context: BenchContext, origin: string, pairs: number): Promise<Page> {
	const page = await context.newPage({ origin });
	await useSpeaker(page);
	await fillHistory(page, { conversations: 1, pairs, characters: 10 });
	await page.goto('/chat/conversation-0');
	await page.getByRole('article').first().waitFor();
	// the engine is loaded with the first answer
	await askSpeaker(page, 'Speak');
	await untilWhole(page);
	return page;
}

/** Main-thread time of an answer after its first words, by its tokens, in milliseconds. */
async function costOfToken(context: BenchContext, page: Page): Promise<number> {
	await page.bringToFront();
	await askSpeaker(page, 'Speak again');
	let before = 0;
	let after = 0;
	const tasks = await tasksDuring(context.browser, page, async () => {
		before = await spoken(page);
		await page.waitForTimeout(TOKENS * PACE * 0.6);
		after = await spoken(page);
	});
	await untilWhole(page);
	return sum(tasks) / (after - before);
}

/** What one token costs the page's main thread, from the worker's message to the paint, by the length of the thread. */
async function run(context: BenchContext): Promise<Result> {
	const host = await hostSpeaker(TOKENS, WINDOW);
	try {
		const measures: Record<string, () => Promise<number>> = {};
		for (const [length, pairs] of Object.entries(LENGTHS)) {
			const page = await openThread(context, host.origin, pairs);
			measures[length] = () => costOfToken(context, page);
		}
		const samples = await context.mediansOf(5, measures);
		const costs = Object.entries(samples).map(([length, { median }]) => ({ length, median }));
		const [short, , long] = costs;
		return {
			rows: costs.map(({ length, median }) => ({
				label: `a token, thread of ${Number(length).toLocaleString('en')} messages`,
				value: median,
				unit: 'ms'
			})),
			ratios: [
				...costs.map(({ length, median }) => ({
					label: `against 1 ms, ${Number(length).toLocaleString('en')} messages`,
					value: median,
					atMost: 1
				})),
				{
					label: 'a thread of 5,000 messages against one of 10',
					value: (long?.median ?? NaN) / (short?.median ?? NaN),
					atMost: 1.5
				}
			]
		};
	} finally {
		await host.close();
	}
}

export const benches: Bench[] = [{ name: 'token', run }];
