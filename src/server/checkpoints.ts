import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Logger } from './logger.ts';

export interface CheckpointJob {
	/** The database's file. */
	path: string;
	/** Milliseconds between two checkpoints. */
	every: number;
}

/** Often enough that the journal stays small, and so seldom that hardly a commit has to share the disk with it. */
const EVERY = 4_000;

/**
 * Has a thread fold the journal of a database into its file: it takes tens of milliseconds, which no commit then has
 * to wait. Should the thread die, the journal is folded by the commits themselves once it has grown to its bound.
 * @returns what ends the thread
 */
export function keepCheckpoints(path: string, logger: Logger, every = EVERY): () => Promise<void> {
	const job: CheckpointJob = { path, every };
	const worker = new Worker(new URL('./checkpoint-thread.ts', import.meta.url), { workerData: job });
	// a server that is done is not kept by it
	worker.unref();
	worker.on('message', (error) => logger.warn('checkpoint failed', { error }));
	worker.on('error', (error) => logger.error('checkpoint thread ended', { error }));
	const exited = once(worker, 'exit').catch(() => undefined);
	return async () => {
		worker.postMessage('stop');
		worker.ref();
		await exited;
	};
}
