import { Finding } from './chat/finding.svelte.ts';
import type { History } from './history/history.ts';

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
