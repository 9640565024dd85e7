import { join } from 'node:path';
import type { Page } from 'playwright';
import type { Bench, BenchContext, Result } from './harness/bench.ts';
import { servePage } from './harness/page-server.ts';
import { summarize } from './harness/samples.ts';
import { tasksDuring } from './harness/tasks.ts';
import type { SearchBench } from './search-page.ts';

const MESSAGES = 100_000;

/** What is typed, a key at a time: words that are frequent, less so and rare, and Chinese. */
const TYPED = ['conversation', 'refer station', 'menlo', '一丁七', '丈三上下', '且丕'];

/** How many answers the app asks for at a glance as one types, and how many once it has these. */
const [GLANCE, PAGE] = [10, 30];

const KEYS = TYPED.flatMap((text) => Array.from(text, (_, end) => text.slice(0, end + 1).trim()));

function call<K extends keyof SearchBench>(page: Page, name: K, ...values: Parameters<SearchBench[K]>) {
	return page.evaluate(
		([name, values]) => {
			const all = Reflect.get(window, 'searchBench') as Record<string, (...given: unknown[]) => unknown>;
			return all[name]?.(...values);
		},
		[name, values] as const
	) as ReturnType<SearchBench[K]>;
}

async function run(context: BenchContext): Promise<Result> {
	const served = await servePage(join(import.meta.dirname, 'search-page.html'));
	try {
		const page = await context.newPage();
		await page.goto(served.url);
		await page.waitForFunction(() => 'searchBench' in window);
		await call(page, 'fill', MESSAGES);
		let build = 0;
		const tasks = await tasksDuring(context.browser, page, async () => {
			build = await call(page, 'update');
		});
		const megabytes = (await call(page, 'size')) / 1e6;
		await call(page, 'find', 'con', GLANCE, true);
		const glances = new Map(KEYS.map((typed): [string, number[]] => [typed, []]));
		let added = MESSAGES;
		const type = async (limit: number, glance: boolean) => {
			const times: number[] = [];
			for (const typed of KEYS) {
				const { time } = await call(page, 'find', typed, limit, glance);
				times.push(time);
				if (glance) glances.get(typed)?.push(time);
			}
			return summarize(times).median;
		};
		const {
			key,
			page: whole,
			scan,
			one
		} = await context.mediansOf(5, {
			key: () => type(GLANCE, true),
			page: () => type(PAGE, false),
			scan: () => call(page, 'scan', 'conver'),
			one: () => call(page, 'addOne', added++)
		});
		const worst = Math.max(...[...glances.values()].map((times) => summarize(times).median));
		return {
			rows: [
				{
					label: `a key stroke: its newest ${GLANCE}, or those of the first page`,
					value: key.median,
					unit: 'ms'
				},
				{ label: 'the slowest key stroke', value: worst, unit: 'ms' },
				{ label: `the newest ${PAGE}, asked for then`, value: whole.median, unit: 'ms' },
				{ label: 'a scan of all messages', value: scan.median, unit: 'ms' },
				{ label: 'the index', value: megabytes, unit: 'MB' },
				{ label: 'listing all messages', value: build, unit: 'ms' },
				{ label: 'listing one more', value: one.median, unit: 'ms' },
				{ label: 'longest task of the page meanwhile, processor time', value: Math.max(...tasks), unit: 'ms' }
			],
			ratios: [
				{ label: 'a scan against a key stroke', value: scan.median / key.median, atLeast: 300 },
				{ label: 'a scan against the slowest key stroke', value: scan.median / worst, atLeast: 300 },
				{ label: 'the index against 20 MB', value: megabytes / 20, atMost: 1 },
				{ label: 'longest task of the page against 50 ms', value: Math.max(...tasks) / 50, atMost: 1 }
			]
		};
	} finally {
		await served.close();
	}
}

export const benches: Bench[] = [{ name: 'search', run }];
