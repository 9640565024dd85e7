import {
	closeSync,
	constants,
	fdatasyncSync,
	fsyncSync,
	mkdtempSync,
	openSync,
	rmSync,
	writeSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A page of a database. */
const PAGE = Buffer.alloc(4_096, 1);
const WRITES = 200;

/**
 * What nothing durable can go below: one page written over blocks that are there, and the wait until it is on disk.
 * A machine that rests in between takes longer to wake up than one that writes on.
 * @param every milliseconds between two writes
 * @returns each wait in milliseconds
 */
export async function waitsForDisk(every: number): Promise<number[]> {
	const folder = mkdtempSync(join(tmpdir(), 'alcove-bench-'));
	const file = openSync(join(folder, 'pages'), constants.O_CREAT | constants.O_RDWR);
	try {
		for (let page = 0; page < WRITES; page++) writeSync(file, PAGE);
		fsyncSync(file);
		const waits: number[] = [];
		for (let page = 0; page < WRITES; page++) {
			await sleep(every);
			const since = performance.now();
			writeSync(file, PAGE, 0, PAGE.length, page * PAGE.length);
			fdatasyncSync(file);
			waits.push(performance.now() - since);
		}
		return waits;
	} finally {
		closeSync(file);
		rmSync(folder, { recursive: true });
	}
}
