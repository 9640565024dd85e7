import Dexie from 'dexie';
import { afterEach, expect, vi } from 'vitest';
import type { EngineModel } from '#lib/engine/engine.ts';
import { createEngine } from '#lib/engine/index.ts';
import { RemoteEngine } from '#lib/engine/remote.ts';
import { startWorker } from '#lib/engine/wllama/index.ts';
import { History } from '#lib/history/history.ts';
import type { Answer } from '#lib/message/message.ts';
import { DEFAULT_SAMPLING } from '#lib/message/setup.ts';
import { Bulletin } from '#lib/responder/bulletin.ts';
import type { Standing } from '#lib/responder/ladder.ts';
import { Responder } from '#lib/responder/responder.ts';
import { countingWords } from '../../scripts/talking/chain.ts';
import { writeTalkingGguf } from '../../scripts/talking/gguf.ts';
import { ownLocks } from '../support/own-locks.ts';
import { stoppedClock } from '../support/stopped-clock.ts';

/** A run that failed is repeated by its seed. */
export const SEED = Number(import.meta.env['ALCOVE_FAULT_SEED'] ?? 1);

/** Words in several scripts, each one token, so that a cut between any two of them is tried. */
export const WORDS = countingWords(36).flatMap((number) =>
	Number(number) % 6 ? [number] : [number, `第${number}`, `é${number}👋🏽`]
);
export const TALKER: EngineModel = {
	id: 'talker',
	engine: 'wllama',
	contextWindow: 1024,
	pace: 1,
	weights: [new Blob([writeTalkingGguf({ words: WORDS, name: 'Talker' })])]
};

/** Undone after each test, the last first. */
export const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

export interface DeviceOptions {
	model?: EngineModel;
	/** What is left when that one fails for good. */
	other?: Standing;
	/** Starts what stands in for WebLLM's worker. */
	startGpu?: () => Worker;
}

/** A device with one tab, whose answers are drawn greedily. */
export async function device({ model = TALKER, other, startGpu }: DeviceOptions = {}) {
	const name = `survival-${crypto.randomUUID()}`;
	let ahead = 0;
	const now = () => Date.now() + ahead;
	const history = new History({ now, newId: () => crypto.randomUUID() }, name);
	await history.open();
	ends.push(async () => {
		history.close();
		await Dexie.delete(name);
	});
	const setups = await history.setups();
	await setups.keep({
		sampling: { ...DEFAULT_SAMPLING, temperature: 0, presencePenalty: 0, frequencyPenalty: 0 }
	});
	const bulletin = new Bulletin(new BroadcastChannel(name));
	// a worker that was ended behind its engine's back is missed at once, instead of after minutes of silence
	const clock = stoppedClock();
	let worker: Worker | undefined;
	const start = () => (worker = startWorker());
	const problems: unknown[] = [];
	const responder = new Responder({
		id: crypto.randomUUID(),
		history,
		bulletin,
		locks: ownLocks(name),
		createEngine: (kind) => {
			const patience = { after: clock.after };
			if (kind === 'wllama') return Promise.resolve(new RemoteEngine({ kind, start, patience }));
			if (kind === 'webllm' && startGpu)
				return Promise.resolve(new RemoteEngine({ kind, start: startGpu, patience }));
			return createEngine(kind);
		},
		now,
		choice: () => Promise.resolve({ kind: 'ready', name: 'Chosen', model }),
		other: () => Promise.resolve(other),
		onChoice: () => () => undefined,
		newSeed: () => 7,
		report: (error) => problems.push(error)
	});
	const running = responder.run();
	ends.push(async () => {
		responder.close();
		await running;
		bulletin.close();
	});
	const answerOf = async (conversation: string): Promise<Answer> => {
		const entry = (await history.messages.readPath(conversation, 10))?.entries.at(-1)?.message;
		if (entry?.role !== 'assistant') throw new Error('there is no answer');
		return entry;
	};
	return {
		history,
		bulletin,
		problems,
		answerOf,
		setBack: (milliseconds: number) => (ahead -= milliseconds),
		/** Ends the engine's worker behind its back. */
		kill() {
			worker?.terminate();
			clock.elapse();
		},
		/** Resolves once so many words of an answer are written. */
		written: (answer: string, words: number) =>
			new Promise<void>((resolve) => {
				const end = bulletin.watch(answer, (text) => {
					if (text === '' || text.split(' ').length < words) return;
					queueMicrotask(() => end());
					resolve();
				});
			}),
		async ended(conversation: string): Promise<Answer> {
			await vi.waitFor(
				async () => expect((await answerOf(conversation)).state.kind).toMatch(/done|failed|stopped/),
				{ timeout: 30_000, interval: 20 }
			);
			return answerOf(conversation);
		}
	};
}
