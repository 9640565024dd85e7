/**
 * The fault matrix: every test that injects a fault notes what came of it, and `npm test` ends with all notes as one
 * table. In Node and in Playwright's specs call `noteFault` here; in the tests in the browser the one of
 * `faults-client.ts`, which takes the same note. Note what was counted before it is expected, so that a failure
 * shows in the table too:
 *
 *     noteFault({ fault: 'one flipped byte', injected: 10, wrong: used });
 *     expect(used).toBe(0);
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Plugin } from 'vite';
import { FAULT_NOTES, type FaultNote } from '../../scripts/lib/fault-table.ts';

/** Notes a fault for the report's table. */
export function noteFault(note: FaultNote): void {
	mkdirSync(dirname(FAULT_NOTES), { recursive: true });
	appendFileSync(FAULT_NOTES, `${JSON.stringify(note)}\n`);
}

/** Vite plugin for the browser tests, which have no files: takes their notes at `/__faults`. */
export function faultNotes(): Plugin {
	return {
		name: 'alcove-fault-notes',
		configureServer(vite) {
			vite.middlewares.use('/__faults', (request, response) => {
				const chunks: Buffer[] = [];
				request.on('data', (chunk: Buffer) => chunks.push(chunk));
				request.on('end', () => {
					noteFault(JSON.parse(Buffer.concat(chunks).toString()) as FaultNote);
					response.end();
				});
			});
		}
	};
}
