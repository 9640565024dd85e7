import type { Engine } from '../engine.ts';
import { RemoteEngine } from '../remote.ts';
import type { Patience, WorkerLike } from '../thread.ts';
import { languageModel } from './api.ts';
import { BuiltinBackend } from './backend.ts';
import { PageThread } from './page-thread.ts';

/** Starts what stands in for a worker; tests keep it, to break it. */
export function startThread(api = languageModel): WorkerLike {
	return new PageThread(new BuiltinBackend(api));
}

/** The browser's own model. */
export function createBuiltin(patience: Partial<Patience> = {}): Engine {
	return new RemoteEngine({ kind: 'builtin', start: () => startThread(), patience });
}
