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

/**
 * The events of a trace whose line has one of these texts. The browser writes each event on a line of its own; read
 * line by line, since a trace of minutes is longer than any string may be.
 */
function eventsWith(trace: Buffer, ...texts: string[]): TraceEvent[] {
	const events: TraceEvent[] = [];
	for (let from = 0; from < trace.length;) {
		const end = trace.indexOf('\n', from);
		const line = trace.toString('utf8', from, end < 0 ? trace.length : end);
		from += Buffer.byteLength(line) + 1;
		if (!texts.some((text) => line.includes(text))) continue;
		// the last one is followed by the end of the list and what is said of the whole
		events.push(JSON.parse(line.replace(/(?:,|\],"metadata":)$/, '')) as TraceEvent);
	}
	return events;
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
	const events = eventsWith(await browser.stopTracing(), mark, 'RunTask"');
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
