import { Finding } from './chat/finding.svelte.ts';
import type { History } from './history/history.ts';
import { HistoryError } from './message/errors.ts';
import type { Id } from './message/message.ts';

/** Search, put together on first use. @param ready the service worker gives threads their security policy */
export async function createFinding(history: History, ready: Promise<void>): Promise<Finding> {
	await ready;
	const start = () =>
		new Worker(new URL('./history/search/search.worker.ts', import.meta.url), {
			type: 'module',
			name: 'search'
		});
	return new Finding(await history.search(start));
}

/** Makes a message's branch the one that is shown. A link to a message that is gone leads to its conversation alone. */
export async function reveal(history: History, message: Id): Promise<void> {
	const branches = await history.branches();
	try {
		await branches.show(message);
	} catch (error) {
		if (!(error instanceof HistoryError) || error.kind !== 'missing') throw error;
	}
}
