import type { Engine } from '../engine.ts';
import { RemoteEngine } from '../remote.ts';
import type { Patience } from '../thread.ts';

/** Starts the worker that llama.cpp runs in; tests keep it, to break it. */
export function startWorker(): Worker {
	return new Worker(new URL('./wllama.worker.ts', import.meta.url), { type: 'module', name: 'wllama' });
}

/** llama.cpp on the CPU, in WebAssembly. */
export function createWllama(patience: Partial<Patience> = {}): Engine {
	return new RemoteEngine({ kind: 'wllama', start: startWorker, patience });
}
