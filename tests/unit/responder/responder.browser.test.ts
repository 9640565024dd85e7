import Dexie from 'dexie';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Engine, EngineKind, EngineModel, ReplyEvent, Turn } from '#lib/engine/engine.ts';
import { EngineError } from '#lib/engine/errors.ts';
import { History } from '#lib/history/history.ts';
import type { RoomJobRow } from '#lib/history/rooms/rows.ts';
import type { RoomStore } from '#lib/history/rooms/store.ts';
import type { Answer } from '#lib/message/message.ts';
import { DEFAULT_SAMPLING } from '#lib/message/setup.ts';
import { Bulletin } from '#lib/responder/bulletin.ts';
import type { Standing } from '#lib/responder/ladder.ts';
import { type Choice, Responder } from '#lib/responder/responder.ts';
import { ownLocks } from '../../support/own-locks.ts';

/*
 * What the responder does with the history, the lock and the other tabs, all of them real. The engines
 * here are scripts: what a real one does is held by the contract suite and by the tests of the whole app.
 */

const model: EngineModel = { engine: 'wllama', id: 'script', contextWindow: 4096, weights: [] };
const usage = { promptTokens: 1, completionTokens: 1, timeToFirstToken: 1, tokensPerSecond: 1 };

type Script = (turns: Turn[], prefix: string, signal: AbortSignal) => AsyncIterable<ReplyEvent>;

function engineOf(
	script: Script,
	load: (model: EngineModel) => Promise<void> = () => Promise.resolve()
): Engine {
	return {
		kind: 'wllama',
		async load(loading, onProgress) {
			await load(loading);
			onProgress(1);
			return { device: 'cpu', detail: 'a script', contextWindow: loading.contextWindow };
		},
		reply: (turns, { prefix = '', signal }) => script(turns, prefix, signal),
		countTokens: (texts) => Promise.resolve(texts.map((text) => text.length)),
		unload: () => Promise.resolve(),
		close: () => undefined
	};
}

/** Says these words from where the prefix ends. */
async function* say(words: string[], prefix: string): AsyncIterable<ReplyEvent> {
	let text = '';
	for (const word of words) {
		text += word;
		if (text.length > prefix.length) yield { kind: 'delta', text: word };
	}
	yield { kind: 'usage', usage: { ...usage, reason: 'end' } };
}

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

/** A device: one history and lock, on which responders can be started. */
async function device() {
	const name = `responder-${crypto.randomUUID()}`;
	const history = new History({ now: () => Date.now(), newId: () => crypto.randomUUID() }, name);
	await history.open();
	ends.push(async () => {
		history.close();
		await Dexie.delete(name);
	});
	const problems: unknown[] = [];
	return {
		history,
		problems,
		/** Another tab's responder. */
		start(
			create: (kind: EngineKind) => Engine,
			choice: () => Choice = () => ({ kind: 'ready', name: 'Script', model }),
			other?: Standing
		) {
			const bulletin = new Bulletin(new BroadcastChannel(name));
			const responder = new Responder({
				id: crypto.randomUUID(),
				history,
				bulletin,
				locks: ownLocks(name),
				createEngine: (kind) => Promise.resolve(create(kind)),
				other: () => Promise.resolve(other),
				now: () => Date.now(),
				choice: () => Promise.resolve(choice()),
				onChoice: (changed) => history.settings.one('model').subscribe(changed, (e) => problems.push(e)),
				newSeed: () => 7,
				report: (error) => problems.push(error)
			});
			const running = responder.run();
			const close = async () => {
				responder.close();
				await running;
				bulletin.close();
			};
			ends.push(close);
			return { bulletin, responder, close };
		},
		async answer(conversation: string): Promise<Answer> {
			const entry = (await history.messages.readPath(conversation, 10))?.entries.at(-1)?.message;
			if (entry?.role !== 'assistant') throw new Error('there is no answer');
			return entry;
		}
	};
}

describe('an answer', () => {
	test('is written, signed and ended', async () => {
		const { history, start, answer, problems } = await device();
		start(() => engineOf((_, prefix) => say(['One', ' two'], prefix)));
		const { conversation } = await history.messages.ask('Hello');
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		expect(await answer(conversation)).toMatchObject({
			text: 'One two',
			writer: { model: 'Script', engine: 'wllama' },
			state: { reason: 'end', usage }
		});
		expect(problems).toEqual([]);
	});

	test('whose device is lost goes on from its text, in a fresh engine', async () => {
		const { history, start, answer } = await device();
		let engines = 0;
		const prefixes: string[] = [];
		start(() => {
			engines += 1;
			const first = engines === 1;
			return engineOf(async function* (_, prefix) {
				prefixes.push(prefix);
				if (first) {
					yield { kind: 'delta', text: 'One' };
					throw new EngineError('device-lost', 'as if unplugged');
				}
				yield* say(['One', ' two'], prefix);
			});
		});
		const { conversation } = await history.messages.ask('Hello');
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		expect((await answer(conversation)).text).toBe('One two');
		expect(prefixes).toEqual(['', 'One']);
		expect(engines).toBe(2);
	});

	test('that is lost again and again is tried with less room, then fails and keeps its text', async () => {
		const { history, start, answer } = await device();
		let engines = 0;
		start(() => {
			engines += 1;
			return engineOf(async function* (_, prefix) {
				if (prefix === '') yield { kind: 'delta', text: 'One' };
				throw new EngineError('device-lost', 'for good');
			});
		});
		const { conversation } = await history.messages.ask('Hello');
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('failed'));
		expect(await answer(conversation)).toMatchObject({
			text: 'One',
			state: { failure: { kind: 'device-lost', detail: 'for good' } }
		});
		expect(engines).toBe(4);
	});

	test('goes on with a smaller context where memory is out, and with the other engine where that fails too', async () => {
		const { history, start, answer } = await device();
		const gpu: EngineModel = { engine: 'webllm', id: 'big', contextWindow: 4096, url: '', library: '' };
		const loads: string[] = [];
		start(
			(kind) =>
				engineOf(
					async function* (_, prefix) {
						if (kind === 'wllama') return yield* say(['One', ' two'], prefix);
						if (prefix === '') yield { kind: 'delta', text: 'One' };
						throw new EngineError('out-of-memory', 'no more');
					},
					({ engine, contextWindow }) => {
						loads.push(`${engine} ${contextWindow}`);
						return Promise.resolve();
					}
				),
			() => ({ kind: 'ready', name: 'Big', model: gpu }),
			{ name: 'Small', model }
		);
		const { conversation } = await history.messages.ask('Hello');
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		expect(loads).toEqual(['webllm 4096', 'webllm 2048', 'wllama 4096']);
		expect(await answer(conversation)).toMatchObject({
			text: 'One two',
			writer: { model: 'Small' },
			mishap: { cause: 'out-of-memory', then: 'other' }
		});
		// the next one does not begin with what failed
		await history.messages.ask('And now?', conversation);
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		expect(loads).toHaveLength(3);
		expect((await answer(conversation)).mishap).toMatchObject({ cause: 'out-of-memory', then: 'other' });
	});

	test('gets no longer for being taken up: what is written counts against its length', async () => {
		const { history, start, answer } = await device();
		const lengths: number[] = [];
		let engines = 0;
		start(() => {
			const engine = engineOf((_, prefix) => say(['One', ' two'], prefix));
			const reply = engine.reply.bind(engine);
			const first = ++engines === 1;
			engine.reply = async function* (turns, options) {
				lengths.push(options.params.maxTokens);
				if (!first) return yield* reply(turns, options);
				yield { kind: 'delta', text: 'One' };
				throw new EngineError('worker-lost', 'gone');
			};
			return engine;
		});
		const { conversation } = await history.messages.ask('Hello');
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		// the script's tokens are characters
		expect(lengths[1]).toBe((lengths[0] ?? 0) - 3);
	});

	test('that fails for good reasons fails at once, and the next one is still answered', async () => {
		const { history, start, answer } = await device();
		let fail = true;
		start(() =>
			engineOf((_, prefix) => {
				if (fail) throw new EngineError('integrity', 'a bad file');
				return say(['Fine'], prefix);
			})
		);
		const first = await history.messages.ask('Hello');
		await vi.waitFor(async () => expect((await answer(first.conversation)).state.kind).toBe('failed'));
		fail = false;
		const second = await history.messages.ask('Hello');
		await vi.waitFor(async () => expect((await answer(second.conversation)).state.kind).toBe('done'));
	});

	test('can be stopped while its model is loading', async () => {
		const { history, start, answer } = await device();
		const loading = Promise.withResolvers<undefined>();
		start(() => {
			const engine = engineOf((_, prefix) => say(['never'], prefix));
			engine.load = (_, __, signal) =>
				new Promise((_resolve, reject) => {
					loading.resolve(undefined);
					signal.addEventListener('abort', () => reject(new EngineError('aborted', 'stopped')));
				});
			return engine;
		});
		const asked = await history.messages.ask('Hello');
		await loading.promise;
		await (await history.jobs()).requestStop(asked.answer);
		await vi.waitFor(async () => expect((await answer(asked.conversation)).state.kind).toBe('stopped'));
	});
});

describe('one responder per device', () => {
	test('the second waits, and takes over in mid-answer from the longest text it has seen', async () => {
		const { history, start, answer } = await device();
		const prefixes: string[] = [];
		const first = start(() =>
			engineOf(async function* (_, __, signal) {
				yield { kind: 'delta', text: 'One two' };
				await new Promise((resolve) => signal.addEventListener('abort', resolve));
			})
		);
		const second = start(() =>
			engineOf((_, prefix) => {
				prefixes.push(prefix);
				return say(['One two', ' three'], prefix);
			})
		);
		const asked = await history.messages.ask('Hello');
		await vi.waitFor(() => expect(second.bulletin.seen(asked.answer)).toBe('One two'));
		expect(prefixes).toEqual([]);
		expect(await (await history.jobs()).draft(asked.answer)).toBeUndefined();
		void first.close();
		await vi.waitFor(async () => expect((await answer(asked.conversation)).state.kind).toBe('done'));
		expect(prefixes).toEqual(['One two']);
		expect((await answer(asked.conversation)).text).toBe('One two three');
	});

	test('with no model chosen it says so and waits, and answers when there is one', async () => {
		const { history, start, answer } = await device();
		let chosen = false;
		const { bulletin } = start(
			() => engineOf((_, prefix) => say(['Here'], prefix)),
			() => (chosen ? { kind: 'ready', name: 'Script', model } : { kind: 'none' })
		);
		const statuses: string[] = [];
		bulletin.watchStatus(({ kind }) => statuses.push(kind));
		const { conversation } = await history.messages.ask('Hello');
		await vi.waitFor(() => expect(statuses).toContain('no-model'));
		expect((await answer(conversation)).state.kind).toBe('queued');
		chosen = true;
		await history.settings.set('model', 'chosen');
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
	});
});

describe('a conversation that outgrows the window', () => {
	const SUMMARY_TASK = 'You keep the notes of a conversation.';
	const isSummary = (turns: Turn[]) => turns[0]?.text.startsWith(SUMMARY_TASK) ?? false;

	/** A conversation of long answers, whose owner wants summaries, and one more question. */
	async function overflowing(history: History, policy: 'summary' | 'drop' = 'summary') {
		await (await history.setups()).keep({ overflow: policy });
		const jobs = await history.jobs();
		let home: string | undefined;
		const answers: string[] = [];
		for (const letter of ['a', 'b', 'c']) {
			const asked = await history.messages.ask(`Say ${letter}`, home);
			const state = { kind: 'done', at: 1, usage, reason: 'end' } as const;
			await jobs.end(asked.answer, state, letter.repeat(1500));
			home = asked.conversation;
			answers.push(asked.answer);
		}
		const last = await history.messages.ask('And now?', home);
		return { ...last, answers };
	}

	test('is summarised first; the summary is kept, given with the instructions, and used again', async () => {
		const { history, start, answer } = await device();
		const { conversation } = await overflowing(history);
		const asked: Turn[][] = [];
		const statuses: string[] = [];
		const { bulletin } = start(() =>
			engineOf((turns, prefix) => {
				asked.push(turns);
				return say([isSummary(turns) ? 'Letters were said.' : 'Fine.'], prefix);
			})
		);
		bulletin.watchStatus(({ kind }) => statuses.push(kind));
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		const path = (await history.messages.readPath(conversation, 50))?.entries.map(({ message }) => message);
		const told = path?.filter(({ summary }) => summary !== undefined) ?? [];
		expect(told).toHaveLength(1);
		expect(told[0]?.summary).toMatchObject({ text: 'Letters were said.', by: 'Script' });
		const from = path?.[path.findIndex(({ id }) => id === told[0]?.id) + 1];
		await vi.waitFor(async () =>
			expect((await answer(conversation)).writer).toMatchObject({
				from: from?.id,
				summary: { kind: 'given', text: 'Letters were said.' },
				context: { summary: expect.any(Number) as number }
			})
		);
		expect(asked.map(isSummary)).toEqual([...asked.slice(1).map(() => true), false]);
		expect(asked.at(-1)?.[0]?.text).toContain('Letters were said.');
		expect(asked.at(-1)?.map(({ text }) => text)).not.toContain('a'.repeat(1500));
		expect(statuses).toContain('summarising');
		for (const turns of asked)
			expect(turns.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(4096);
		const before = asked.length;
		await history.messages.ask('Once more?', conversation);
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		expect(asked.slice(before).map(isSummary)).toEqual([false]);
		expect(asked.at(-1)?.[0]?.text).toContain('Letters were said.');
	});

	test('is not summarised where the person leaves the oldest turns out', async () => {
		const { history, start, answer } = await device();
		const { conversation, answers } = await overflowing(history, 'drop');
		const asked: Turn[][] = [];
		start(() =>
			engineOf((turns, prefix) => {
				asked.push(turns);
				return say(['Fine.'], prefix);
			})
		);
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		expect(asked.map(isSummary)).toEqual([false]);
		const { writer } = await answer(conversation);
		expect(writer?.from).toBeDefined();
		expect(writer).not.toHaveProperty('summary');
		expect(answers).not.toContain(writer?.from);
	});

	test('is answered without its beginning when the summary fails, and says so', async () => {
		const { history, start, answer } = await device();
		const { conversation } = await overflowing(history);
		start(() =>
			engineOf((turns, prefix) => {
				if (isSummary(turns)) throw new EngineError('unknown', 'no words came');
				return say(['Fine.'], prefix);
			})
		);
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		const { text, writer } = await answer(conversation);
		expect(text).toBe('Fine.');
		expect(writer).toMatchObject({ summary: { kind: 'failed', detail: 'no words came' } });
		expect(writer?.from).toBeDefined();
	});

	test('is summarised anew after its tab was closed in the middle of that', async () => {
		const { history, start, answer } = await device();
		const { conversation } = await overflowing(history);
		const begun = Promise.withResolvers<undefined>();
		const first = start(() =>
			engineOf(async function* (_, __, signal) {
				yield { kind: 'delta', text: 'Half a summ' };
				begun.resolve(undefined);
				await new Promise((resolve) => signal.addEventListener('abort', resolve));
				yield { kind: 'usage', usage: { ...usage, reason: 'aborted' } };
			})
		);
		await begun.promise;
		await first.close();
		expect((await answer(conversation)).state.kind).toBe('writing');
		start(() => engineOf((turns, prefix) => say([isSummary(turns) ? 'Whole.' : 'Fine.'], prefix)));
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		const { text, writer } = await answer(conversation);
		expect(text).toBe('Fine.');
		expect(writer?.summary).toEqual({ kind: 'given', text: 'Whole.' });
	});

	test('is stopped by Stop while it is summarised, and keeps nothing of that', async () => {
		const { history, start, answer } = await device();
		const asked = await overflowing(history);
		const begun = Promise.withResolvers<undefined>();
		start(() =>
			engineOf(async function* (_, __, signal) {
				yield { kind: 'delta', text: 'Half a summ' };
				begun.resolve(undefined);
				await new Promise((resolve) => signal.addEventListener('abort', resolve));
				yield { kind: 'usage', usage: { ...usage, reason: 'aborted' } };
			})
		);
		await begun.promise;
		await (await history.jobs()).requestStop(asked.answer);
		await vi.waitFor(async () => expect((await answer(asked.conversation)).state.kind).toBe('stopped'));
		expect((await answer(asked.conversation)).text).toBe('');
		const path = await history.messages.readPath(asked.conversation, 50);
		expect(path?.entries.some(({ message }) => message.summary)).toBe(false);
	});

	test('is answered even when the engine is lost at each summary', async () => {
		const { history, start, answer } = await device();
		const { conversation } = await overflowing(history);
		start(() =>
			engineOf((turns, prefix) => {
				if (isSummary(turns)) throw new EngineError('out-of-memory', 'too much');
				return say(['Fine.'], prefix);
			})
		);
		await vi.waitFor(async () => expect((await answer(conversation)).state.kind).toBe('done'));
		expect(await answer(conversation)).toMatchObject({
			text: 'Fine.',
			writer: { summary: { kind: 'failed' } }
		});
	});
});

describe('counting for the page', () => {
	const signal = new AbortController().signal;

	test('is done by the loaded model, between answers and never during one', async () => {
		const { history, start, answer } = await device();
		const writing = Promise.withResolvers<undefined>();
		const end = Promise.withResolvers<undefined>();
		const counted: string[] = [];
		const { responder } = start(() => {
			const engine = engineOf(async function* (_, prefix) {
				writing.resolve(undefined);
				await end.promise;
				yield* say(['Done'], prefix);
			});
			const count = engine.countTokens;
			engine.countTokens = (texts) => {
				counted.push(...texts);
				return count(texts);
			};
			return engine;
		});
		expect(await responder.count('script', 'early', signal)).toBeUndefined();
		const { conversation } = await history.messages.ask('Hello');
		await writing.promise;
		const count = responder.count('script', 'meanwhile', signal);
		await (await history.jobs()).draft('nothing');
		expect(counted).not.toContain('meanwhile');
		end.resolve(undefined);
		expect(await count).toBe(9);
		expect((await answer(conversation)).state.kind).toBe('done');
		expect(await responder.count('another model', 'x', signal)).toBeUndefined();
		expect(await responder.count('script', 'x', AbortSignal.abort())).toBeUndefined();
	});

	test('that fails is reported, and no answer suffers', async () => {
		const { history, start, answer, problems } = await device();
		const { responder } = start(() => {
			const engine = engineOf((_, prefix) => say(['Done'], prefix));
			engine.countTokens = (texts) =>
				texts.includes('odd')
					? Promise.reject(new EngineError('unknown', 'no end mark'))
					: Promise.resolve(texts.map(() => 1));
			return engine;
		});
		const first = await history.messages.ask('Hello');
		await vi.waitFor(async () => expect((await answer(first.conversation)).state.kind).toBe('done'));
		expect(await responder.count('script', 'odd', signal)).toBeUndefined();
		expect(problems).toMatchObject([{ kind: 'unknown', message: 'no end mark' }]);
		const second = await history.messages.ask('Again', first.conversation);
		await vi.waitFor(async () => expect((await answer(second.conversation)).state.kind).toBe('done'));
	});
});

describe('an answer for a room', () => {
	/** What a room has given this device to write. */
	async function give(history: History, id: string, more: Partial<RoomJobRow> = {}): Promise<RoomStore> {
		const store = await history.rooms('me');
		const row: RoomJobRow = {
			...{ id, account: 'me', room: 'room', ask: `ask ${id}`, since: Date.now(), model: 'Script' },
			talk: [
				{ name: 'bob', text: 'Hello' },
				{ name: null, text: 'Hi' },
				{ name: 'ada', text: 'One' },
				{ name: 'bob', text: '@AI two?' }
			],
			...{ text: '', stop: false, state: { kind: 'queued' }, ...more }
		};
		await store.change(() => store.putJob(row));
		return store;
	}

	const ended = (store: RoomStore, id: string) =>
		vi.waitFor(async () => {
			const row = (await store.jobs()).find((one) => one.id === id);
			if (row?.state.kind !== 'ended') throw new Error('it is not written yet');
			return { text: row.text, ...row.state.made };
		});

	test('is made from its talk with the speakers named, and says what made it', async () => {
		const { history, start, problems } = await device();
		const given: Turn[][] = [];
		start(() =>
			engineOf((turns, prefix) => {
				given.push(turns);
				return say(['One', ' two'], prefix);
			})
		);
		const store = await give(history, 'a', { text: 'One' });
		expect(await ended(store, 'a')).toMatchObject({
			...{ text: 'One two', model: 'Script', engine: 'wllama', ending: 'end', failure: null },
			settings: { ...DEFAULT_SAMPLING, seed: 7 }
		});
		expect(given[0]?.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
		expect(given[0]?.slice(1).map(({ text }) => text)).toEqual([
			'bob: Hello',
			'Hi',
			'ada: One\n\nbob: @AI two?'
		]);
		expect(problems).toEqual([]);
	});

	test('and those of private chats take turns, on one engine', async () => {
		const { history, start } = await device();
		const order: string[] = [];
		let free: () => void = () => undefined;
		const hold = new Promise<void>((resolve) => (free = resolve));
		const store = await give(history, 'a');
		for (const id of ['b', 'c']) await give(history, id);
		start(() =>
			engineOf(async function* (turns, prefix) {
				order.push(turns[1]?.text === 'bob: Hello' ? 'room' : 'own');
				await hold;
				yield* say(['Yes'], prefix);
			})
		);
		await vi.waitFor(() => expect(order).toHaveLength(1));
		await history.messages.ask('One');
		await history.messages.ask('Two');
		free();
		for (const id of ['a', 'b', 'c']) await ended(store, id);
		await vi.waitFor(() => expect(order).toHaveLength(5));
		expect(order).toEqual(['room', 'own', 'room', 'own', 'room']);
	});

	test('ends when its end is asked for, with its text, and when the room gives it to somebody else', async () => {
		const { history, start, problems } = await device();
		const aborted: string[] = [];
		start(() =>
			engineOf(async function* (_, __, signal) {
				yield { kind: 'delta', text: 'Half' };
				await new Promise((resolve) => signal.addEventListener('abort', resolve));
				aborted.push('one');
				yield { kind: 'usage', usage: { ...usage, reason: 'aborted' } };
			})
		);
		const store = await give(history, 'a');
		const writing = (id: string) =>
			vi.waitFor(async () =>
				expect((await store.jobs()).find((one) => one.id === id)?.state.kind).toBe('writing')
			);
		await writing('a');
		const [row] = await store.jobs();
		if (row) await store.change(() => store.putJob({ ...row, stop: true }));
		expect(await ended(store, 'a')).toMatchObject({ ending: 'stopped' });
		await give(history, 'b');
		await writing('b');
		await store.change(() => store.removeJob('b'));
		await vi.waitFor(() => expect(aborted).toHaveLength(2));
		// one that was never begun is ended without an engine
		await give(history, 'c', { stop: true, text: 'Seen elsewhere' });
		expect(await ended(store, 'c')).toMatchObject({ text: 'Seen elsewhere', ending: 'stopped' });
		expect(problems).toEqual([]);
	});
});
