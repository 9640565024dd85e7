import type { Engine } from '../engine.ts';
import { RemoteEngine } from '../remote.ts';
import type { Patience } from '../thread.ts';

/** Starts the worker that WebLLM runs in; tests keep it, to break it. */
export function startWorker(): Worker {
	return new Worker(new URL('./webllm.worker.ts', import.meta.url), { type: 'module', name: 'webllm' });
}

/** WebLLM on the GPU. */
export function createWebllm(patience: Partial<Patience> = {}): Engine {
	return new RemoteEngine({ kind: 'webllm', start: startWorker, patience });
}
