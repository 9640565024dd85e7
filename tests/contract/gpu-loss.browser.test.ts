import { expect, test } from 'vitest';
import type { EngineModel } from '#lib/engine/engine.ts';
import { noteFault } from '../support/faults-client.ts';
import { Seeded } from '../sync/support/seeded.ts';
import { GPU_WORDS } from './gpu-words.ts';
import { device, SEED, TALKER, WORDS } from './survival-harness.ts';

/*
 * A real GPU device is destroyed under an answer. What computes stands in for WebLLM, whose library no test can count
 * on (`npm run test:webllm` does the same to the real one); the device, its watch, the responder, its ladder and the
 * history are real.
 */

const MODEL: EngineModel = {
	id: 'gpu-talker',
	engine: 'webllm',
	contextWindow: 2048,
	pace: 1,
	url: 'http://127.0.0.1:9/talker/',
	library: 'http://127.0.0.1:9/talker.wasm'
};

/** Starts workers to which this happens, one after the other, and to the last ones nothing. */
function fated(...fates: string[]): () => Worker {
	return () =>
		new Worker(new URL('./gpu-talker.worker.ts', import.meta.url), {
			type: 'module',
			name: fates.shift() ?? ''
		});
}

const random = new Seeded(SEED);
const stages: [string, string[]][] = [
	['load', Array.from({ length: 5 }, () => 'load')],
	['prefill', Array.from({ length: 5 }, () => 'prefill')],
	['decode', Array.from({ length: 10 }, () => `decode ${random.whole(1, GPU_WORDS.length - 2)}`)]
];
test.each(stages)(
	`a GPU device that is destroyed in %s does not end the answer: it goes on where it was, and says so (seed ${SEED})`,
	async (stage, fates) => {
		let lost = 0;
		let resumed = 0;
		const wrong: unknown[] = [];
		for (const fate of fates) {
			const { history, ended, problems } = await device({ model: MODEL, startGpu: fated(fate) });
			const got = await ended((await history.messages.ask('Count')).conversation);
			const { messages } = await (await history.transfer()).counts();
			lost += 2 - messages;
			const same = got.text === GPU_WORDS.join(' ') && got.writer?.engine === 'webllm';
			const told = got.mishap?.cause === 'device-lost' && got.mishap.then === 'chosen';
			if (same && told && got.state.kind === 'done') resumed++;
			else wrong.push({ fate, got });
			wrong.push(...problems);
		}
		await noteFault({ fault: `device.destroy() in ${stage}`, injected: fates.length, lost, resumed });
		expect(wrong).toEqual([]);
		expect({ lost, resumed }).toEqual({ lost: 0, resumed: fates.length });
	},
	60_000
);

test('a device that is destroyed for want of memory is a want of memory: the context gets smaller at once', async () => {
	const { history, ended } = await device({ model: MODEL, startGpu: fated('memory') });
	const got = await ended((await history.messages.ask('Count')).conversation);
	const resumed = got.state.kind === 'done' ? 1 : 0;
	await noteFault({ fault: 'GPU out of memory in load', injected: 1, lost: 1 - resumed, resumed });
	expect(got).toMatchObject({
		text: GPU_WORDS.join(' '),
		mishap: { cause: 'out-of-memory', then: 'smaller' },
		state: { kind: 'done' }
	});
});

test('a device that is destroyed again and again leaves the answer to the other engine', async () => {
	const startGpu = fated('decode 3', 'prefill', 'load', 'load', 'load');
	const other = { name: 'Talker', model: TALKER };
	const { history, ended } = await device({ model: MODEL, startGpu, other });
	const got = await ended((await history.messages.ask('Count')).conversation);
	expect(got).toMatchObject({
		writer: { model: 'Talker', engine: 'wllama' },
		mishap: { cause: 'device-lost', then: 'other' },
		state: { kind: 'done' }
	});
	// it goes on behind what was written; what the other one says then is its own
	expect(got.text.startsWith(GPU_WORDS.slice(0, 3).join(' '))).toBe(true);
	expect(got.text.endsWith(WORDS.at(-1) ?? '')).toBe(true);
});
