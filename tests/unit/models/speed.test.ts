import { describe, expect, test } from 'vitest';
import { type BenchmarkResult, runBenchmark, type StartBenchmark } from '#lib/models/benchmark/benchmark.ts';
import { catalogue, findBuild, type Build } from '#lib/models/catalogue.ts';
import type { Device } from '#lib/models/device.ts';
import { inspectDetails, outlookOf, report } from '#lib/models/preflight.ts';
import { isFast, predict } from '#lib/models/speed.ts';

const models = catalogue('https://chat.example/');
function build(id: string): Build {
	const found = findBuild(models, id)?.build;
	if (!found) throw new Error(`no build ${id}`);
	return found;
}
const qwen2 = build('Qwen2-0.5B-Instruct-q4f16_1');
const GIGA = 1e9;

describe('the predicted speed', () => {
	test.each([
		[51.2, 184],
		[102.4, 368],
		[400, 1439]
	])(
		'of Qwen2 0.5B at %d GB/s is bound by its bytes alone where dispatches cost nothing',
		(bandwidth, tokens) => {
			const speed = predict(qwen2, { gpu: { bandwidth: bandwidth * GIGA, dispatch: 0 } });
			expect(Math.round(speed ?? 0)).toBe(tokens);
		}
	);

	test('is bound by its 243 dispatches on a fast card', () => {
		const speed = predict(qwen2, { gpu: { bandwidth: 1e18, dispatch: 10e-6 } });
		expect(speed).toBeCloseTo(1 / (243 * 10e-6), 3);
	});

	test('falls with the length of the context', () => {
		const measured = { gpu: { bandwidth: 50 * GIGA, dispatch: 0 } };
		const [empty = 0, full = 0] = [predict(qwen2, measured), predict(qwen2, measured, 4096)];
		expect(full / empty).toBeCloseTo(277_996_288 / (277_996_288 + 4096 * 12_288), 6);
	});

	test('of a build for the processor follows from the processor', () => {
		const cpu = build('Qwen2.5-0.5B-Instruct-q4_k_m');
		expect(predict(cpu, { gpu: { bandwidth: GIGA, dispatch: 1 } })).toBeUndefined();
		expect(predict(cpu, { cpu: { bandwidth: 491_400_032, threads: 1 } })).toBeCloseTo(1, 6);
	});

	test('is fast from where a reader need not wait', () => {
		expect([6.9, 7].map(isFast)).toEqual([false, true]);
	});
});

const device: Device = {
	gpu: { kind: 'none', why: 'no-webgpu', detail: 'none' },
	cores: 4,
	memory: 1024 ** 3,
	isolated: true,
	storage: { kind: 'ready', free: 1e12, used: 0, persisted: true }
};

describe('the outlook', () => {
	const outlook = (id: string, measured = {}) => {
		const model = models.find((candidate) => candidate.id === id);
		if (!model) throw new Error(`no model ${id}`);
		return { model, outlook: outlookOf(model, device, measured) };
	};

	test('is that a model runs, well or slowly once that was measured, or does not run and why', () => {
		expect(outlook('smollm2-135m-instruct').outlook.kind).toBe('runs');
		const at = (bandwidth: number) =>
			outlook('smollm2-135m-instruct', { cpu: { bandwidth, threads: 1 } }).outlook;
		expect(at(GIGA).kind).toBe('well');
		expect(at(GIGA / 10)).toMatchObject({ kind: 'slowly', build: { engine: 'wllama' } });
		expect(outlook('qwen2.5-3b-instruct').outlook).toMatchObject({
			kind: 'not',
			reasons: [{ kind: 'no-webgpu' }, { kind: 'no-webgpu' }, { kind: 'little-memory' }]
		});
	});

	test('is in the report with every fact, one a line', async () => {
		const details = await inspectDetails({
			userAgent: 'Browser/1',
			connection: { type: 'cellular', saveData: true },
			gpu: {
				requestAdapter: () =>
					Promise.resolve({
						limits: { maxBufferSize: 5, secret: 1 },
						features: new Set(['shader-f16', 'b']),
						info: { architecture: 'rocket' }
					})
			}
		});
		const measured = { cpu: { bandwidth: GIGA, threads: 2 } };
		const lines = report(device, details, measured, [
			outlook('smollm2-135m-instruct', measured),
			outlook('qwen3-4b')
		]).split('\n');
		expect(lines).toContain('browser: Browser/1');
		expect(lines).toContain('network.type: cellular');
		expect(lines).toContain('gpu.features: b shader-f16');
		expect(lines).toContain('gpu.limits.maxBufferSize: 5');
		expect(lines).toContain('device.cores: 4');
		expect(lines.join('\n')).not.toContain('secret');
		expect(lines).toContain(
			'smollm2-135m-instruct: well (SmolLM2-135M-Instruct-q4_k_m, wllama, 105.5 MB, at most 9.5 tokens/s)'
		);
		expect(lines.at(-1)).toBe('qwen3-4b: not (no-webgpu, no-webgpu)');
	});

	test('needs no GPU and no word of the network', async () => {
		expect(await inspectDetails({ userAgent: 'x' })).toEqual({
			browser: 'x',
			network: undefined,
			gpu: undefined
		});
		const gpu = { requestAdapter: () => Promise.reject(new Error('lost')) };
		expect((await inspectDetails({ userAgent: 'x', gpu })).gpu).toBeUndefined();
	});
});

describe('the measurement', () => {
	/** A worker that answers so. */
	const answering =
		(answer: (wanted: unknown) => unknown): StartBenchmark =>
		() => {
			const worker = new EventTarget();
			return Object.assign(worker, {
				postMessage: (wanted: unknown) =>
					queueMicrotask(() => worker.dispatchEvent(new MessageEvent('message', { data: answer(wanted) }))),
				terminate: () => undefined
			});
		};
	const run = (start: StartBenchmark, changes = {}): Promise<BenchmarkResult> =>
		runBenchmark(start, { gpu: true, threads: 3, signal: new AbortController().signal, ...changes });

	test('adds up what the threads read side by side', async () => {
		const start = answering((wanted) =>
			wanted === 'gpu' ? { kind: 'gpu', bandwidth: 9, dispatch: 2 } : { kind: 'cpu', bandwidth: 5 }
		);
		expect(await run(start)).toEqual({
			measured: { gpu: { bandwidth: 9, dispatch: 2 }, cpu: { bandwidth: 15, threads: 3 } },
			failures: []
		});
	});

	test('names what failed, and measures the rest', async () => {
		const start = answering((wanted) =>
			wanted === 'gpu' ? { kind: 'failed', detail: 'lost' } : { kind: 'cpu', bandwidth: 5 }
		);
		expect(await run(start, { threads: 1 })).toEqual({
			measured: { cpu: { bandwidth: 5, threads: 1 } },
			failures: ['lost']
		});
	});

	test('ends when the page is left', async () => {
		const stop = new AbortController();
		const silent: StartBenchmark = () =>
			Object.assign(new EventTarget(), { postMessage: () => stop.abort(), terminate: () => undefined });
		const result = await run(silent, { signal: stop.signal, gpu: false, threads: 1 });
		expect(result).toEqual({ measured: {}, failures: ['stopped'] });
	});
});
