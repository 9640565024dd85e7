/**
 * How fast answers are drawn while they are written, against drawing the whole at each token. Run by
 * `npm run bench text`, or alone: `node tests/bench/text.bench.ts`.
 */
import { chromium, type CDPSession, type Page } from 'playwright';
import { build } from 'vite';
import { chromiumLaunch } from '../support/chromium.ts';
import type { Bench, BenchContext, Ratio, Result, Row } from './harness/bench.ts';
import { createContext } from './harness/context.ts';
import { table } from './harness/print.ts';
import { tasksDuring } from './harness/tasks.ts';
import type { Shape } from './text-answer.ts';
import type { TextBench } from './text-page.ts';

/** Tokens of a long answer. */
const LONG = 4_000;
/** The costly way is sampled: one draw stands for so many. */
const EVERY = 40;
const SHAPES: Shape[] = ['one paragraph', 'one list', 'one code block', 'one table'];

/** The script and style of text-page.ts, in one file each. */
async function bundle(): Promise<{ script: string; style: string }> {
	const built = await build({
		configFile: false,
		logLevel: 'error',
		root: import.meta.dirname,
		build: {
			write: false,
			target: 'es2023',
			cssCodeSplit: false,
			lib: { entry: 'text-page.ts', formats: ['es'], fileName: 'page' },
			rolldownOptions: { output: { codeSplitting: false } }
		}
	});
	const outputs = (Array.isArray(built) ? built : [built]).flatMap((each) =>
		'output' in each ? each.output : []
	);
	const script = outputs.find((file) => file.type === 'chunk');
	const style = outputs.find((file) => file.type === 'asset' && file.fileName.endsWith('.css'));
	if (script?.type !== 'chunk' || style?.type !== 'asset')
		throw new Error('the page of the text bench did not build');
	return { script: script.code, style: String(style.source) };
}

async function openPage(context: BenchContext, cpu: number): Promise<Page> {
	const { script, style } = await bundle();
	const page = await context.newPage({ cpu });
	await page.setContent('<!doctype html><html lang="en"><meta charset="utf-8"><body></body></html>');
	await page.addStyleTag({ content: style });
	await page.addScriptTag({ type: 'module', content: script });
	await page.waitForFunction(() => 'textBench' in window);
	return page;
}

/** Calls one function of text-page.ts in the page. */
function call<K extends keyof TextBench>(
	page: Page,
	name: K,
	...values: Parameters<TextBench[K]>
): Promise<Awaited<ReturnType<TextBench[K]>>> {
	return page.evaluate(
		([key, given]) => {
			const all: unknown = Reflect.get(window, 'textBench');
			const found: unknown = all && typeof all === 'object' ? Reflect.get(all, key) : undefined;
			if (typeof found !== 'function') throw new Error(`textBench has no ${key}`);
			return found(...given);
		},
		[name, values] as const
	);
}

/** Main-thread time that a page has used, in milliseconds: other programs of the machine do not count. */
async function threadTime(devtools: CDPSession): Promise<number> {
	const { metrics } = await devtools.send('Performance.getMetrics');
	const seconds = metrics.find(({ name }) => name === 'ThreadTime')?.value;
	if (seconds === undefined) throw new Error('the browser does not tell its thread time');
	return seconds * 1_000;
}

/** What measures the main-thread time of one function of text-page.ts. */
async function meter(page: Page) {
	const devtools = await page.context().newCDPSession(page);
	await devtools.send('Performance.enable');
	return async <K extends keyof TextBench>(name: K, ...values: Parameters<TextBench[K]>): Promise<number> => {
		const before = await threadTime(devtools);
		await call(page, name, ...values);
		return (await threadTime(devtools)) - before;
	};
}

/** Main-thread time of a whole answer, and how it grows with its length. */
async function cost(context: BenchContext): Promise<Result> {
	const measure = await meter(await openPage(context, 1));
	await measure('ours', 'rich', LONG / 4);
	const measured = await context.mediansOf(5, {
		ours: () => measure('ours', 'rich', LONG),
		double: () => measure('ours', 'rich', 2 * LONG)
	});
	const whole = (await measure('whole', LONG, EVERY)) * EVERY;
	const ours = measured.ours.median;
	return {
		rows: [
			{ label: `${String(LONG)} tokens, drawn at each`, value: ours, unit: 'ms' },
			{ label: 'the same with marked, DOMPurify and highlight.js', value: whole, unit: 'ms' }
		],
		ratios: [
			{ label: 'cheaper than drawing the whole at each token', value: whole / ours, atLeast: 50 },
			{ label: 'an answer twice as long', value: measured.double.median / ours, atMost: 2.2 }
		]
	};
}

/** The same for answers that are one block to the end: little of them is finished before. */
async function shapes(context: BenchContext): Promise<Result> {
	const measure = await meter(await openPage(context, 1));
	const rows: Row[] = [];
	const ratios: Ratio[] = [];
	for (const shape of SHAPES) {
		const { once, twice } = await context.mediansOf(5, {
			once: () => measure('ours', shape, LONG / 2),
			twice: () => measure('ours', shape, LONG)
		});
		rows.push({ label: `${String(LONG)} tokens in ${shape}`, value: twice.median, unit: 'ms' });
		ratios.push({ label: `${shape} twice as long`, value: twice.median / once.median, atMost: 2.2 });
	}
	return { rows, ratios };
}

/** The longest task on a device four times slower, eight tokens a frame, in processor time. */
async function smoothness(context: BenchContext): Promise<Result> {
	const page = await openPage(context, 4);
	const shapes = ['rich', ...SHAPES] satisfies Shape[];
	const longest = async (shape: Shape) =>
		Math.max(
			...(await tasksDuring(context.browser, page, () =>
				call(page, 'write', shape, shape === 'rich' ? LONG : LONG / 2, 8)
			))
		);
	await longest('rich');
	const samples = await context.mediansOf(
		5,
		Object.fromEntries(shapes.map((shape) => [shape, () => longest(shape)]))
	);
	const medians = Object.entries(samples).map(([shape, { median }]) => ({ shape, median }));
	return {
		rows: medians.map(({ shape, median }) => ({
			label: `longest task, ${shape}, processor time`,
			value: median,
			unit: 'ms'
		})),
		ratios: medians.map(({ shape, median }) => ({
			label: `longest task against 50 ms, ${shape}`,
			value: median / 50,
			atMost: 1
		}))
	};
}

export const benches: Bench[] = [
	{ name: 'text', run: cost },
	{ name: 'text-shapes', run: shapes },
	{ name: 'text-slow-cpu', run: smoothness }
];

if (import.meta.main) {
	const names = process.argv.slice(2);
	const browser = await chromium.launch(chromiumLaunch());
	for (const bench of benches.filter(({ name }) => names.length === 0 || names.includes(name))) {
		const { context, close } = createContext(browser, 'http://127.0.0.1/');
		console.log(table(bench.name, await bench.run(context)));
		await close();
	}
	await browser.close();
}
