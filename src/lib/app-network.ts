import { Ledger, LEDGER_CHANNEL } from './shell/ledger.ts';
import { Network } from './shell/network.svelte.ts';

/** How the switch's turning is told from tab to tab. */
const TURNED = 'alcove:network';

/**
 * The part of the composition root that everything which asks a network goes through, on first use.
 * @param base the app's base URL, absolute, ending in "/"
 * @param ready the app is kept on the device by then, or cannot be
 */
export async function createNetwork(base: string, ready: Promise<void>) {
	const news = new BroadcastChannel(LEDGER_CHANNEL);
	const heard = new Set<() => void>();
	const tell = () => {
		for (const listener of heard) listener();
	};
	news.addEventListener('message', tell);
	const ledger = new Ledger(indexedDB, () => {
		news.postMessage('noted');
		tell();
	});
	const network = new Network({
		caches: globalThis.caches,
		container: import.meta.env.DEV ? undefined : navigator.serviceWorker,
		base,
		ledger,
		tabs: new BroadcastChannel(TURNED),
		fetch: (...input) => fetch(...input),
		ready,
		now: () => Date.now()
	});
	await network.read();
	return {
		network,
		ledger,
		/** Tells of each change to the record. @returns the function that ends it */
		onNoted(listener: () => void): () => void {
			heard.add(listener);
			return () => heard.delete(listener);
		}
	};
}

export type NetworkRoom = Awaited<ReturnType<typeof createNetwork>>;
