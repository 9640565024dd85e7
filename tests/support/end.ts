/** Has Vitest end when there is nothing more to do, called once for a run. */
export default function endAtLast(): void {
	// files whose sending was broken off (a worker that was ended while it loaded) stay open, and Node 24 then spins
	// for ever where it waits for them at its natural end
	process.once('beforeExit', () => process.exit());
}
