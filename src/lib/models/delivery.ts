/** Brings a build's files onto the device, whole and checked, and keeps them there. */
import type { Build, WllamaBuild } from './catalogue.ts';

/** Bytes that are here and bytes in all; the total is exact once the build's manifest is known. */
export type OnDelivery = (bytesDone: number, bytesTotal: number) => void;

export interface DeliveryOptions {
	onProgress?: OnDelivery;
	/** Pauses or cancels, which is the same: what arrived stays, and the next download goes on from there. */
	signal: AbortSignal;
}

/** What stands between a build and its use. */
export interface Verification {
	/** Keys of files that are missing. */
	missing: string[];
	/** Keys of files whose bytes are not what the manifest or the pin says; they were removed. */
	corrupt: string[];
}

export interface Delivery {
	/**
	 * Fetches what is missing of the build and checks it. Nothing happens for a build that is complete.
	 * @throws DeliveryError
	 */
	download(build: Build, options: DeliveryOptions): Promise<void>;
	/** Whether the build is complete on this device; its engine needs no network then. */
	stored(build: Build): Promise<boolean>;
	/** Bytes of the build on this device, partly fetched files included. */
	have(build: Build): Promise<number>;
	/** Frees what the build takes; files that another build shares are fetched again when it is wanted. */
	remove(build: Build): Promise<void>;
	/**
	 * The GGUF of a complete build, as one Blob that the browser keeps on disk.
	 * @throws DeliveryError no-storage where it is not complete
	 */
	open(build: WllamaBuild): Promise<Blob[]>;
	/** Reads every file again and holds it against manifest and pin; bad ones are removed, to be fetched anew. */
	verify(build: Build, options: DeliveryOptions): Promise<Verification>;
}

/** What delivery needs of the browser; tests hand in their own. */
export interface DeliveryEnvironment {
	caches: CacheStorage;
	fetch: typeof globalThis.fetch;
	/** The app's base URL: files below its origin are never looked for on a model host. */
	base: string;
	storage?: Pick<StorageManager, 'estimate' | 'persist'>;
	/** Keeps two tabs from fetching the same build. */
	locks?: LockManager;
	/**
	 * A base URL that is asked instead of the model hub and the library host, as
	 * `<modelHost>/<path of the canonical URL>`; keys in the Cache API stay canonical.
	 */
	modelHost?: string;
	/** Further base URLs, laid out like `modelHost`, asked in order when one fails. */
	mirrors?: string[];
}
