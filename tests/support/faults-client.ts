import type { FaultNote } from '../../scripts/lib/fault-table.ts';

/** Notes a fault for the report's table, from a test in the browser; see `faults.ts`. */
export async function noteFault(note: FaultNote): Promise<void> {
	const answer = await fetch('/__faults', { method: 'POST', body: JSON.stringify(note) });
	if (!answer.ok) throw new Error(`the note of a fault was not taken: ${answer.status}`);
}
