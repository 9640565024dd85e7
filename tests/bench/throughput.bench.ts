import { join } from 'node:path';
import type { Page } from 'playwright';
import type { GenerationParams, Turn } from '#lib/engine/engine.ts';
import type { EngineBench } from './engine-page.ts';
import type { Bench, BenchContext, Result } from './harness/bench.ts';
import { servePage } from './harness/page-server.ts';
import { hostSpeaker, PACE, speaker, useSpeaker } from './harness/speaker.ts';

/** Tokens of an answer: as many as the app asks for. */
const TOKENS = 1_000;

const QUESTION = 'Speak';
const TURNS: Turn[] = [{ role: 'user', text: QUESTION }];
const PARAMS: GenerationParams = { temperature: 0, topP: 1, maxTokens: TOKENS };

const perSecond = (milliseconds: number) => ((TOKENS - 1) * 1_000) / milliseconds;

function drive(page: Page, way: 'bare' | 'pulled'): Promise<number> {
	return page.evaluate(
		([way, turns, params]) => {
			const bench = Reflect.get(window, 'engineBench') as EngineBench;
			return bench[way](turns, params);
		},
		[way, TURNS, PARAMS] as const
	);
}

/** Asks in the app; milliseconds from the first words on the page until the answer is whole there and saved. */
async function askApp(page: Page): Promise<number> {
	await page.goto('/');
	const field = page.getByRole('textbox', { name: 'Message' });
	await field.fill(QUESTION);
	await page.evaluate(() => {
		let first: number | undefined;
		const look = new MutationObserver(() => {
			const answer = document.querySelector('.log article.assistant');
			if (first === undefined && answer?.querySelector('.prose .text')?.textContent)
				first = performance.now();
			if (first === undefined || answer?.getAttribute('aria-busy') !== 'false') return;
			look.disconnect();
			Object.assign(window, { spoke: performance.now() - first });
		});
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
	return page.evaluate(() => Number(Reflect.get(window, 'spoke')));
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
		await askApp(app);
		const onTop = async (page: Page, measure: () => Promise<number>) => {
			await page.bringToFront();
			return perSecond(await measure());
		};
		const { bare, pulled, through } = await context.mediansOf(5, {
			bare: () => onTop(engine, () => drive(engine, 'bare')),
			pulled: () => onTop(engine, () => drive(engine, 'pulled')),
			through: () => onTop(app, () => askApp(app))
		});
		const unit = 'tokens/s';
		return {
			rows: [
				{ label: `the engine alone, ${PACE} ms a token`, value: bare.median, unit },
				{ label: 'through the whole app', value: through.median, unit },
				{ label: 'driven by the page, which draws', value: pulled.median, unit }
			],
			ratios: [
				{ label: 'the app against the engine alone', value: through.median / bare.median, atLeast: 0.97 },
				{ label: 'the app against a page that drives', value: through.median / pulled.median, atLeast: 1.3 }
			]
		};
	} finally {
		await served.close();
		await host.close();
	}
}

export const benches: Bench[] = [{ name: 'throughput', run }];
