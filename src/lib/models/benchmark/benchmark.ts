/** The window's side of the measurement: workers that live as long as it takes. */
import type { Measured } from '../speed.ts';

/** What a worker is asked to measure. Both sides come from one build. */
export type ToBenchmark = 'gpu' | 'cpu';

export type FromBenchmark =
	| { kind: 'gpu'; bandwidth: number; dispatch: number }
	| { kind: 'cpu'; bandwidth: number }
	| { kind: 'failed'; detail: string };

/** A worker that answers one question. */
export type StartBenchmark = () => Pick<Worker, 'postMessage' | 'addEventListener' | 'terminate'>;

/** Milliseconds after which a driver that hangs is given up. */
const PATIENCE = 60_000;

/** What was measured; what could not be is named in `failures`. */
export interface BenchmarkResult {
	measured: Measured;
	failures: string[];
}

/**
 * Measures the GPU, then the processor with as many threads as an engine would use.
 * @param threads at least 1
 */
export async function runBenchmark(
	start: StartBenchmark,
	{ gpu, threads, signal }: { gpu: boolean; threads: number; signal: AbortSignal }
): Promise<BenchmarkResult> {
	const measured: Measured = {};
	const failures: string[] = [];
	if (gpu) {
		const found = await ask(start, 'gpu', signal);
		if (found.kind === 'gpu') measured.gpu = { bandwidth: found.bandwidth, dispatch: found.dispatch };
		else if (found.kind === 'failed') failures.push(found.detail);
	}
	const all = await Promise.all(Array.from({ length: threads }, () => ask(start, 'cpu', signal)));
	const bandwidth = all.reduce((sum, found) => sum + (found.kind === 'cpu' ? found.bandwidth : 0), 0);
	failures.push(...all.flatMap((found) => (found.kind === 'failed' ? [found.detail] : [])));
	if (bandwidth > 0) measured.cpu = { bandwidth, threads };
	return { measured, failures };
}

function ask(start: StartBenchmark, wanted: ToBenchmark, signal: AbortSignal): Promise<FromBenchmark> {
	return new Promise((resolve) => {
		const worker = start();
		const end = (found: FromBenchmark) => {
			clearTimeout(timer);
			signal.removeEventListener('abort', stop);
			worker.terminate();
			resolve(found);
		};
		const stop = () => end({ kind: 'failed', detail: 'stopped' });
		const timer = setTimeout(() => end({ kind: 'failed', detail: `${wanted}: no answer` }), PATIENCE);
		signal.addEventListener('abort', stop);
		worker.addEventListener('message', (event) => end((event as MessageEvent<FromBenchmark>).data));
		worker.addEventListener('error', (event) =>
			end({ kind: 'failed', detail: (event as ErrorEvent).message })
		);
		worker.postMessage(wanted);
	});
}

/** Starts the worker that measures. */
export function startBenchmark(): Worker {
	return new Worker(new URL('./benchmark.worker.ts', import.meta.url), { type: 'module', name: 'benchmark' });
}
