import { languageModel, TEXT } from './engine/builtin/api.ts';
import type { BrowserModelApi } from './models/browser-model.ts';

/** The browser's own model, or undefined where it has none. */
export function browserModelApi(): BrowserModelApi | undefined {
	const api = languageModel();
	return (
		api && {
			availability: () => api.availability(TEXT),
			async fetch(onShare, signal) {
				const monitor = (download: EventTarget): void =>
					download.addEventListener('downloadprogress', (event) =>
						onShare((event as unknown as ProgressEvent).loaded)
					);
				(await api.create({ ...TEXT, monitor, signal })).destroy();
			}
		}
	);
}
