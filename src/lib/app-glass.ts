import type { NetworkRoom } from './app-network.ts';
import { Glass, policyOf } from './shell/glass.svelte.ts';
import { lookAtStored } from './shell/stored.ts';

/** The part of the composition root behind the page that shows what leaves this device. */
export function createGlass({ ledger, onNoted }: NetworkRoom): Glass {
	const policy = document.querySelector<HTMLMetaElement>('meta[http-equiv="content-security-policy" i]');
	const environment = {
		storage: navigator.storage as StorageManager | undefined,
		caches: (globalThis as { caches?: CacheStorage }).caches,
		databases: indexedDB,
		choices: () => window.localStorage
	};
	return new Glass({
		ledger,
		onNoted,
		look: () => lookAtStored(environment),
		policy: policyOf(policy?.content ?? '')
	});
}
