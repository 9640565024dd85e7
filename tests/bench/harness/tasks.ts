import type { Browser, Page } from 'playwright';

/** An event of Chromium's trace format; times in microseconds. */
interface TraceEvent {
	name: string;
	ph: string;
	pid: number;
	tid: number;
	/** Processor time of the thread, without the time in which others had the core. */
	tdur?: number;
}

const CATEGORIES = ['toplevel', 'blink.user_timing'];

function parseTrace(trace: Buffer): TraceEvent[] {
	const parsed: unknown = JSON.parse(trace.toString());
	const events =
		typeof parsed === 'object' && parsed && 'traceEvents' in parsed ? parsed.traceEvents : undefined;
	if (!Array.isArray(events)) throw new Error('the browser gave a trace without events');
	return events as TraceEvent[];
}

/**
 * What the page's main thread did while `work` ran: the processor time of each of its tasks, in milliseconds.
 * Other programs of the machine do not count.
 */
export async function tasksDuring(
	browser: Browser,
	page: Page,
	work: () => Promise<unknown>
): Promise<number[]> {
	const mark = `bench ${crypto.randomUUID()}`;
	await browser.startTracing(page, { categories: CATEGORIES });
	await page.evaluate((name) => performance.mark(name), mark);
	await work();
	const events = parseTrace(await browser.stopTracing());
	const main = events.find(({ name }) => name === mark);
	if (!main) throw new Error('the trace does not show the page');
	const tasks = events.filter(
		({ name, ph, pid, tid }) => ph === 'X' && name.endsWith('RunTask') && pid === main.pid && tid === main.tid
	);
	if (tasks.length === 0 || tasks.every(({ tdur }) => tdur === undefined))
		throw new Error('the browser does not tell the time of its tasks');
	return tasks.map(({ tdur = 0 }) => tdur / 1_000);
}

export function sum(times: number[]): number {
	return times.reduce((total, time) => total + time, 0);
}
