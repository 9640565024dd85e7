import type { Page } from 'playwright';
import { crash } from '../support/crash.ts';
import type { Bench, BenchContext, Result } from './harness/bench.ts';
import { summarize } from './harness/samples.ts';
import { askSpeaker, hostSpeaker, spoken, useSpeaker } from './harness/speaker.ts';

/** So many that no answer is whole before its tab is gone and another has taken it up. */
const TOKENS = 1_500;

/** Milliseconds a token: so slow that what the heir has to read first is as long each time. */
const PACE = 40;

/** Words that both tabs have seen before the one that writes goes. */
const SEEN = 40;

/** How long the heir may take beyond the loading of its engine, in milliseconds. */
const ALLOWED = 1_500;

/** What a tab notes, in milliseconds since the epoch. */
interface Notes {
	/** When it started the engine's worker, and when that had loaded the model. */
	started: number;
	loaded: number;
	/** When it wrote on, for the first time. */
	wrote: number;
}

/** From the end of one tab to the next word in the other, in milliseconds. */
interface HandOver {
	/** Until the other starts its engine. */
	before: number;
	load: number;
	/** From then on, until it has read what was written and goes on. */
	after: number;
}

/** Notes from a page's first script on what its engine does. */
async function watchEngine(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const notes: Partial<Notes> = {};
		Object.assign(window, { notes });
		window.Worker = class extends Worker {
			constructor(url: string | URL, options?: WorkerOptions) {
				super(url, options);
				if (options?.name !== 'wllama') return;
				notes.started ??= Date.now();
				this.addEventListener('message', ({ data }: MessageEvent<{ kind?: string }>) => {
					if (data.kind === 'loaded') notes.loaded ??= Date.now();
					if (data.kind === 'delta') notes.wrote ??= Date.now();
				});
			}
		};
	});
}

function notesOf(page: Page): Promise<Notes> {
	return page
		.waitForFunction(() => {
			const notes = Reflect.get(window, 'notes') as Partial<Notes>;
			return notes.wrote !== undefined && (notes as Notes);
		})
		.then((handle) => handle.jsonValue() as Promise<Notes>);
}

async function untilSeen(page: Page): Promise<void> {
	for (;;) if ((await spoken(page)) >= SEEN) return;
}

const PHASES: { label: string; phase: keyof HandOver }[] = [
	{ label: 'from the end of a tab until another starts the engine', phase: 'before' },
	{ label: 'loading of the engine', phase: 'load' },
	{ label: 'reading what is written, up to the next word', phase: 'after' }
];

/** What kills a tab. */
type End = (tab: Page) => Promise<unknown>;

const closed: End = (tab) => tab.close();

const crashed: End = async (tab) => {
	await crash(tab);
	await tab.close();
};

/** Has one tab write while another looks on, ends the first, and waits for the other to write on. */
async function handOver(owner: Page, end: End): Promise<{ heir: Page; took: HandOver }> {
	await owner.bringToFront();
	await owner.goto('/');
	await askSpeaker(owner, 'Speak');
	await owner.waitForURL('**/chat/**');
	const heir = await owner.context().newPage();
	await watchEngine(heir);
	await heir.goto(owner.url());
	await untilSeen(heir);
	const at = Date.now();
	await end(owner);
	const { started, loaded, wrote } = await notesOf(heir);
	await heir.getByRole('button', { name: 'Stop' }).click();
	await heir.locator('.log article[aria-busy="true"]').waitFor({ state: 'detached' });
	return { heir, took: { before: started - at, load: loaded - started, after: wrote - loaded } };
}

/** How long an answer pauses when the tab that writes it goes, and another has to load the engine first. */
async function run(context: BenchContext): Promise<Result> {
	const host = await hostSpeaker(TOKENS, 4_096, PACE);
	try {
		let owner = await context.newPage({ origin: host.origin });
		await useSpeaker(owner);
		const all: HandOver[] = [];
		const measure = async (end: End) => {
			const { heir, took } = await handOver(owner, end);
			owner = heir;
			all.push(took);
			return took.before + took.after;
		};
		const past = await context.mediansOf(5, {
			closed: () => measure(closed),
			crashed: () => measure(crashed)
		});
		return {
			rows: [
				...PHASES.map(({ label, phase }) => {
					const { median } = summarize(all.map((took) => took[phase]));
					return { label, value: median, unit: 'ms' };
				}),
				{ label: 'beyond it, to the next word, after a close', value: past.closed.median, unit: 'ms' },
				{ label: 'the longest of these', value: past.closed.most, unit: 'ms' },
				{ label: 'beyond it, to the next word, after a crash', value: past.crashed.median, unit: 'ms' },
				{ label: 'the longest of these', value: past.crashed.most, unit: 'ms' }
			],
			ratios: [
				{ label: 'against 1.5 s, closed', value: past.closed.median / ALLOWED, atMost: 1 },
				{ label: 'against 1.5 s, crashed', value: past.crashed.median / ALLOWED, atMost: 1 }
			]
		};
	} finally {
		await host.close();
	}
}

export const benches: Bench[] = [{ name: 'handover', run }];
