import type { After } from '#lib/engine/thread.ts';

/** A clock that stands still until the test lets all that waits come due. */
export function stoppedClock(): { after: After; elapse(): void } {
	const waiting = new Set<() => void>();
	return {
		after(_, run) {
			waiting.add(run);
			return () => waiting.delete(run);
		},
		elapse() {
			for (const run of [...waiting]) run();
		}
	};
}
