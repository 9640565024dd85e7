import { join } from 'node:path';
import type { Page } from 'playwright';
import type { GenerationParams, Turn } from '#lib/engine/engine.ts';
import type { EngineBench } from './engine-page.ts';
import type { Bench, BenchContext, Result } from './harness/bench.ts';
import { servePage } from './harness/page-server.ts';
import { summarize } from './harness/samples.ts';
import { hostSpeaker, PACE, speaker, useSpeaker } from './harness/speaker.ts';

/** Tokens of an answer: as many as the app asks for. */
const TOKENS = 1_000;

const QUESTION = 'Speak';
const TURNS: Turn[] = [{ role: 'user', text: QUESTION }];
const PARAMS: GenerationParams = { temperature: 0, topP: 1, maxTokens: TOKENS };

const perSecond = (milliseconds: number) => ((TOKENS - 1) * 1_000) / milliseconds;

function drive(page: Page, way: 'bare' | 'pulledOn' | 'pulledAnew'): Promise<number> {
	return page.evaluate(
		([way, turns, params]) => {
			const bench = Reflect.get(window, 'engineBench') as EngineBench;
			return bench[way](turns, params);
		},
		[way, TURNS, PARAMS] as const
	);
}

interface Spoken {
	/** Milliseconds from the first words on the page to the last. */
	words: number;
	/** Those from there until the answer is whole and saved, and says so. */
	settling: number;
}

/** Asks in a new conversation of the app, whose engine stays loaded as the other's does. */
async function askApp(page: Page): Promise<Spoken> {
	await page.getByRole('button', { name: 'New chat' }).first().click();
	const field = page.getByRole('textbox', { name: 'Message' });
	await field.fill(QUESTION);
	await page.evaluate(() => {
		let first: number | undefined;
		let length = 0;
		let last = NaN;
		const look = new MutationObserver(() => {
			const answer = document.querySelector('.log article.assistant');
			const now = performance.now();
			const text = answer?.querySelector('.prose .text')?.textContent ?? '';
			if (text.length > length) [length, last] = [text.length, now];
			if (text) first ??= now;
			if (first === undefined || answer?.getAttribute('aria-busy') !== 'false') return;
			look.disconnect();
			Object.assign(window, { spoke: { words: last - first, settling: now - last } });
		});
		Reflect.deleteProperty(window, 'spoke');
		look.observe(document.body, {
			subtree: true,
			childList: true,
			characterData: true,
			attributeFilter: ['aria-busy']
		});
	});
	await field.press('Enter');
	await page.waitForFunction(() => 'spoke' in window, undefined, { timeout: 120_000 });
	const words = await page.locator('.log article.assistant .prose').innerText();
	if (!words.includes(String(TOKENS - 1))) throw new Error('the answer is not whole');
	return page.evaluate(() => Reflect.get(window, 'spoke') as Spoken);
}

/** Tokens a second through the whole app, against the engine alone and against one that the page drives. */
async function run(context: BenchContext): Promise<Result> {
	const host = await hostSpeaker(TOKENS);
	const served = await servePage(join(import.meta.dirname, 'engine-page.html'), {
		'speaker.gguf': speaker(TOKENS)
	});
	try {
		const app = await context.newPage({ origin: host.origin });
		await useSpeaker(app);
		const engine = await context.newPage();
		await engine.goto(served.url);
		await engine.waitForFunction(() => 'engineBench' in window);
		await engine.evaluate(
			(pace) => (Reflect.get(window, 'engineBench') as EngineBench).load('speaker.gguf', pace),
			PACE
		);
		await app.goto('/');
		await askApp(app);
		const onTop = async (page: Page, measure: () => Promise<number>) => {
			await page.bringToFront();
			return perSecond(await measure());
		};
		const settling: number[] = [];
		const ask = async () => {
			const spoken = await askApp(app);
			settling.push(spoken.settling);
			return spoken.words;
		};
		const { bare, anew, on, through } = await context.mediansOf(5, {
			bare: () => onTop(engine, () => drive(engine, 'bare')),
			anew: () => onTop(engine, () => drive(engine, 'pulledAnew')),
			on: () => onTop(engine, () => drive(engine, 'pulledOn')),
			through: () => onTop(app, ask)
		});
		const unit = 'tokens/s';
		return {
			rows: [
				{ label: `the engine alone, ${PACE} ms a token`, value: bare.median, unit },
				{ label: 'through the whole app', value: through.median, unit },
				{ label: 'until the end is saved and shown', value: summarize(settling).median, unit: 'ms' },
				{ label: 'driven by a page that draws anew', value: anew.median, unit },
				{ label: 'driven by a page that draws on', value: on.median, unit }
			],
			ratios: [
				{ label: 'the app against the engine alone', value: through.median / bare.median, atLeast: 0.97 },
				{ label: 'the app against a page that drives', value: through.median / anew.median, atLeast: 1.3 }
			]
		};
	} finally {
		await served.close();
		await host.close();
	}
}

export const benches: Bench[] = [{ name: 'throughput', run }];
