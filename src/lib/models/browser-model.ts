/** The model that the browser itself brings (the Prompt API), as one on the shelf: the browser fetches and keeps it. */
import type { Build, BuiltinBuild, Model } from './catalogue.ts';
import type { Delivery, DeliveryOptions } from './delivery.ts';
import { DeliveryError } from './errors.ts';

/** What the browser says of its model. */
export type BrowserModelState = 'available' | 'downloadable' | 'downloading' | 'unavailable';

/** The parts of the Prompt API that bring its model here. */
export interface BrowserModelApi {
	availability(): Promise<BrowserModelState>;
	/** Has the browser fetch its model. @param onShare from 0 to 1 @throws DOMException */
	fetch(onShare: (share: number) => void, signal: AbortSignal): Promise<void>;
}

export const BROWSER_BUILD: BuiltinBuild = {
	id: 'browser-model',
	engine: 'builtin',
	quantization: '',
	needs: {},
	bytes: 0,
	memory: 0
};

export const BROWSER_MODEL: Model = {
	id: 'browser-model',
	name: 'Browser model',
	languages: [],
	contextWindow: 4096,
	builds: [BROWSER_BUILD]
};

/** Steps in which a share is told, where bytes are expected. */
const STEPS = 1000;

/**
 * Delivery of files, and of the browser's own model beside them.
 * @param api undefined where the browser has no such model
 */
export function withBrowserModel(files: Delivery, api: BrowserModelApi | undefined): Delivery {
	const isBrowsers = (build: Build) => build.engine === 'builtin';
	const download = async ({ onProgress, signal }: DeliveryOptions): Promise<void> => {
		try {
			await api?.fetch((share) => onProgress?.(Math.round(share * STEPS), STEPS), signal);
		} catch (cause) {
			if (signal.aborted) throw new DeliveryError({ kind: 'aborted' }, { cause });
			if (cause instanceof Error && cause.name === 'NoNetworkError')
				throw new DeliveryError({ kind: 'no-network' }, { cause });
			throw new DeliveryError({ kind: 'browser-model', detail: String(cause) }, { cause });
		}
	};
	return {
		download: (build, options) => (isBrowsers(build) ? download(options) : files.download(build, options)),
		stored: async (build) =>
			isBrowsers(build) ? (await api?.availability()) === 'available' : files.stored(build),
		have: async (build) => (isBrowsers(build) ? 0 : files.have(build)),
		remove: async (build) => (isBrowsers(build) ? undefined : files.remove(build)),
		open: (build) => files.open(build),
		verify: async (build, options) =>
			isBrowsers(build) ? { missing: [], corrupt: [] } : files.verify(build, options),
		pack: (model, build, options) => files.pack(model, build, options),
		unpack: (carried, build, options) => files.unpack(carried, build, options)
	};
}
