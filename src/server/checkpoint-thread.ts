/** A thread with a connection of its own, which folds the journal into the file now and then. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { CheckpointJob } from './checkpoints.ts';

/** What was written while a pass went on is left to the next: the journal is begun anew when a pass left nothing. */
const PASSES = 3;

const { path, every } = workerData as CheckpointJob;
const database = new DatabaseSync(path);
database.exec('PRAGMA synchronous = FULL');
const pass = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
const stopped = new AbortController();

/** @returns whether a pass left something in the journal */
const leaves = (row?: Record<string, unknown>) => row?.['log'] !== row?.['checkpointed'];

parentPort?.once('message', () => stopped.abort());
while (!stopped.signal.aborted) {
	try {
		for (let passes = 1; leaves(pass.get()) && passes < PASSES;) passes++;
	} catch (error) {
		parentPort?.postMessage(error);
	}
	// called off when it is to stop
	await sleep(every, undefined, { signal: stopped.signal }).catch(() => undefined);
}
database.close();
