import { downloadMonitor, languageModel, TEXT } from './engine/builtin/api.ts';
import { NoNetworkError } from './shell/no-network.ts';
import type { BrowserModelApi } from './models/browser-model.ts';

/**
 * The browser's own model, or undefined where it has none.
 * @param network while it is forbidden, the browser is not asked to fetch anything either
 */
export function browserModelApi(network: { readonly forbidden: boolean }): BrowserModelApi | undefined {
	const api = languageModel();
	return (
		api && {
			availability: () => api.availability(TEXT),
			async fetch(onShare, signal) {
				if (network.forbidden) throw new NoNetworkError();
				const monitor = downloadMonitor(onShare);
				(await api.create({ ...TEXT, monitor, signal })).destroy();
			}
		}
	);
}
