import { Preflight } from './chat/preflight.svelte.ts';
import { runBenchmark, startBenchmark } from './models/benchmark/benchmark.ts';
import { type DetailsEnvironment, inspectDetails, outlookOf, report } from './models/preflight.ts';

/**
 * The device page's part of the composition root.
 * @param ready measuring begins after this: the service worker gives workers the security policy
 */
export function createDeviceRoom(ready: Promise<void>) {
	const preflight = new Preflight({
		inspect: () => inspectDetails(navigator as DetailsEnvironment),
		measure: async (signal) => {
			await ready;
			const { hardwareConcurrency } = navigator;
			// as many as the engine on the processor uses
			const threads = crossOriginIsolated ? Math.max(1, Math.floor(hardwareConcurrency / 2)) : 1;
			return runBenchmark(startBenchmark, { gpu: 'gpu' in navigator, threads, signal });
		}
	});
	return { preflight, outlookOf, report };
}

export type DeviceRoom = ReturnType<typeof createDeviceRoom>;
