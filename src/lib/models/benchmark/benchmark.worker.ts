import { measureCpu } from './cpu.ts';
import { measureGpu } from './gpu.ts';
import type { FromBenchmark, ToBenchmark } from './benchmark.ts';

async function answer(wanted: ToBenchmark): Promise<FromBenchmark> {
	try {
		if (wanted === 'cpu') return { kind: 'cpu', bandwidth: measureCpu() };
		const { gpu } = navigator as Partial<Navigator>;
		if (!gpu) throw new Error('no WebGPU in a worker');
		return { kind: 'gpu', ...(await measureGpu(gpu)) };
	} catch (error) {
		return { kind: 'failed', detail: String(error) };
	}
}

self.addEventListener('message', ({ data }: MessageEvent<ToBenchmark>) => {
	void answer(data).then((found) => self.postMessage(found));
});
