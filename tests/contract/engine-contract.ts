import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
	Engine,
	EngineModel,
	GenerationParams,
	ReplyOptions,
	ReplyUsage,
	Turn
} from '#lib/engine/engine.ts';
import { EngineError } from '#lib/engine/errors.ts';
import type { Patience } from '#lib/engine/thread.ts';
import { stoppedClock } from '../support/stopped-clock.ts';

/** What the contract needs to know of an adapter and of a talking model for it. */
export interface Subject {
	/** An engine, and a way to end its worker behind its back. */
	create(patience?: Partial<Patience>): { engine: Engine; kill(): void };
	/** Says `says`, whatever it is asked, each word a token. */
	model: EngineModel;
	says: string;
	/** The same, whose files are damaged; absent where the engine reads none. */
	damaged?: EngineModel;
	/** Texts and how many tokens each has. */
	counted: [text: string, tokens: number][];
}

const GREEDY: GenerationParams = { temperature: 0, topP: 1, maxTokens: 200 };
const QUESTION: Turn[] = [{ role: 'user', text: 'Hi' }];
const never = (): AbortSignal => new AbortController().signal;

interface Heard {
	text: string;
	deltas: string[];
	usages: ReplyUsage[];
	/** The usage came last. */
	inOrder: boolean;
}

/** Reads a whole reply. `onDelta` is called with the text so far. */
async function hear(
	engine: Engine,
	turns: Turn[],
	options: Partial<ReplyOptions> = {},
	onDelta: (text: string) => void = () => undefined
): Promise<Heard> {
	const heard: Heard = { text: '', deltas: [], usages: [], inOrder: true };
	for await (const event of engine.reply(turns, { params: GREEDY, signal: never(), ...options })) {
		if (event.kind === 'usage') {
			heard.usages.push(event.usage);
			continue;
		}
		heard.inOrder &&= heard.usages.length === 0;
		heard.deltas.push(event.text);
		heard.text += event.text;
		onDelta(heard.text);
	}
	return heard;
}

/** The kind of error that something fails with; anything else it throws goes on. */
async function failureOf(work: Promise<unknown>): Promise<string> {
	try {
		await work;
	} catch (error) {
		if (error instanceof EngineError) return error.kind;
		throw error;
	}
	return 'none';
}

/** What every engine does. The suite is the definition: an adapter is one when it passes. */
export function describeEngine(name: string, subject: Subject): void {
	const { model, says } = subject;
	/** Slower than deltas are gathered. */
	const paced: EngineModel = { ...model, pace: 45 };

	describe(`${name}: a loaded model`, () => {
		const { engine } = subject.create();
		beforeAll(() => engine.load(model, () => undefined, never()));
		afterAll(() => engine.close());

		test('answers in several deltas, to the letter, and its usage comes last and once', async () => {
			const heard = await hear(engine, QUESTION);
			expect(heard.text).toBe(says);
			expect(heard.deltas.length).toBeGreaterThan(1);
			expect(heard.usages).toHaveLength(1);
			expect(heard.inOrder).toBe(true);
			const [usage] = heard.usages;
			expect(usage?.reason).toBe('end');
			expect(usage?.promptTokens).toBeGreaterThan(3);
			expect(usage?.completionTokens).toBeGreaterThanOrEqual(says.split(' ').length);
			expect(usage?.timeToFirstToken).toBeGreaterThan(0);
			expect(usage?.tokensPerSecond).toBeGreaterThan(0);
		});

		test('stops at the longest answer asked for, and goes on from there as if it had not', async () => {
			const cut = await hear(engine, QUESTION, { params: { ...GREEDY, maxTokens: 2 } });
			expect(cut.usages[0]?.reason).toBe('length');
			expect(cut.usages[0]?.completionTokens).toBe(2);
			expect(says.startsWith(cut.text)).toBe(true);
			expect(cut.text.length).toBeLessThan(says.length);
			const rest = await hear(engine, QUESTION, { prefix: cut.text });
			expect(cut.text + rest.text).toBe(says);
			expect(rest.usages[0]?.reason).toBe('end');
		});

		test('a reply aborted before it starts says nothing and is no error', async () => {
			const heard = await hear(engine, QUESTION, { signal: AbortSignal.abort() });
			expect(heard.text).toBe('');
			expect(heard.usages.map(({ reason }) => reason)).toEqual(['aborted']);
		});

		test('a reply aborted while it waits for another says nothing, and the other is whole', async () => {
			const stop = new AbortController();
			const first = hear(engine, QUESTION, {}, () => stop.abort());
			const second = hear(engine, QUESTION, { signal: stop.signal });
			expect((await first).text).toBe(says);
			expect((await second).text).toBe('');
			expect((await second).usages[0]?.reason).toBe('aborted');
		});

		test('two replies at once are given one after the other', async () => {
			const order: string[] = [];
			const ask = (name: string): Promise<Heard> => hear(engine, QUESTION, {}, () => order.push(name));
			const [one, two] = await Promise.all([ask('one'), ask('two')]);
			expect([one.text, two.text]).toEqual([says, says]);
			expect(order.lastIndexOf('one')).toBeLessThan(order.indexOf('two'));
		});

		test('a reader that leaves early does not keep the engine busy', async () => {
			for await (const event of engine.reply(QUESTION, { params: GREEDY, signal: never() })) {
				expect(event.kind).toBe('delta');
				break;
			}
			expect((await hear(engine, QUESTION)).text).toBe(says);
		});

		test('counts tokens, and answers the second turn of the conversation out of its cache all the same', async () => {
			const { text } = await hear(engine, QUESTION);
			const counts = await engine.countTokens(subject.counted.map(([counted]) => counted));
			expect(counts).toEqual(subject.counted.map(([, tokens]) => tokens));
			const second = await hear(engine, [...QUESTION, { role: 'assistant', text }, ...QUESTION]);
			expect(second.text).toBe(says);
			expect(second.usages[0]?.cachedTokens).toBeGreaterThan(3);
		});

		test('refuses a prompt longer than the context, and answers the next', async () => {
			const long: Turn[] = [{ role: 'user', text: 'x '.repeat(model.contextWindow) }];
			expect(await failureOf(hear(engine, long))).toBe('context-overflow');
			expect((await hear(engine, QUESTION)).text).toBe(says);
		});
	});

	describe(`${name}: a model at a pace`, () => {
		const { engine } = subject.create();
		beforeAll(() => engine.load(paced, () => undefined, never()));
		afterAll(() => engine.close());

		test('an abort in mid-answer ends it at once, and the next reply is whole', async () => {
			const stop = new AbortController();
			const heard = await hear(engine, QUESTION, { signal: stop.signal }, () => stop.abort());
			expect(heard.usages.map(({ reason }) => reason)).toEqual(['aborted']);
			expect(says.startsWith(heard.text)).toBe(true);
			expect(heard.text.length).toBeLessThan(says.length);
			expect(heard.usages[0]?.completionTokens).toBe(heard.deltas.length);
			expect((await hear(engine, QUESTION)).text).toBe(says);
		});

		test('an unload in mid-answer aborts it', async () => {
			const { engine: other } = subject.create();
			await other.load(paced, () => undefined, never());
			let unloaded: Promise<void> | undefined;
			// a second piece may have been on its way
			const heard = await hear(other, QUESTION, {}, () => void (unloaded ??= other.unload()));
			expect(heard.usages[0]?.reason).toBe('aborted');
			expect(heard.text.length).toBeLessThan(says.length);
			await unloaded;
		});

		test('a paced answer comes a token at a time', async () => {
			const heard = await hear(engine, QUESTION);
			expect(heard.deltas).toEqual(says.match(/ ?\S+/g));
		});
	});

	describe(`${name}: loading`, () => {
		test('reports a progress that only grows, from 0 to 1, and a device', async () => {
			const { engine } = subject.create();
			const shares: number[] = [];
			const loaded = await engine.load(model, (share) => shares.push(share), never());
			expect(shares[0]).toBe(0);
			expect(shares.at(-1)).toBe(1);
			expect(shares).toEqual([...shares].sort((a, b) => a - b));
			expect(loaded.contextWindow).toBe(model.contextWindow);
			expect(loaded.detail).not.toBe('');
			engine.close();
		});

		test('loads again after an unload; between the two nothing is answered', async () => {
			const { engine } = subject.create();
			await engine.load(model, () => undefined, never());
			await engine.unload();
			expect(await failureOf(hear(engine, QUESTION))).toBe('worker-lost');
			await engine.load(model, () => undefined, never());
			expect((await hear(engine, QUESTION)).text).toBe(says);
			engine.close();
		});

		const { damaged } = subject;
		if (damaged) {
			test('a damaged model is an integrity error, and a good one loads afterwards', async () => {
				const { engine } = subject.create();
				expect(await failureOf(engine.load(damaged, () => undefined, never()))).toBe('integrity');
				await engine.load(model, () => undefined, never());
				expect((await hear(engine, QUESTION)).text).toBe(says);
				engine.close();
			});
		}

		test('an aborted load is over at once, and the next one works', async () => {
			const { engine } = subject.create();
			const stop = new AbortController();
			const loading = engine.load(model, () => stop.abort(), stop.signal);
			expect(await failureOf(loading)).toBe('aborted');
			expect(await failureOf(engine.load(model, () => undefined, AbortSignal.abort()))).toBe('aborted');
			await engine.load(model, () => undefined, never());
			expect((await hear(engine, QUESTION)).text).toBe(says);
			engine.close();
		});
	});

	describe(`${name}: the end of its worker`, () => {
		test('a worker that dies in mid-answer is noticed, and a new load works', async () => {
			const clock = stoppedClock();
			const { engine, kill } = subject.create({ after: clock.after });
			await engine.load(paced, () => undefined, never());
			const heard: string[] = [];
			const reply = hear(engine, QUESTION, {}, (text) => {
				heard.push(text);
				kill();
				clock.elapse();
			});
			expect(await failureOf(reply)).toBe('worker-lost');
			expect(heard).not.toContain(says);
			expect(await failureOf(engine.countTokens(['x']))).toBe('worker-lost');
			await engine.load(model, () => undefined, never());
			expect((await hear(engine, QUESTION)).text).toBe(says);
			engine.close();
		});

		test('a load that never answers is given up', async () => {
			const clock = stoppedClock();
			const { engine, kill } = subject.create({ after: clock.after });
			const loading = failureOf(engine.load(model, () => undefined, never()));
			kill();
			clock.elapse();
			expect(await loading).toBe('worker-lost');
		});

		test('closing it fails whatever is under way', async () => {
			const { engine } = subject.create();
			const loading = failureOf(engine.load(model, () => undefined, never()));
			engine.close();
			expect(await loading).toBe('worker-lost');
			await engine.load(paced, () => undefined, never());
			const reply = failureOf(hear(engine, QUESTION, {}, () => engine.close()));
			expect(await reply).toBe('worker-lost');
		});
	});
}
