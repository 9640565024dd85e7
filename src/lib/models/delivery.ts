/** Brings a build's files onto the device, whole and checked, and keeps them there. */
import { pack, type Packed } from './carry/pack.ts';
import { unpack } from './carry/unpack.ts';
import type { Carried } from './carry/format.ts';
import type { Build, Model, WllamaBuild } from './catalogue.ts';
import type { DigestThread } from './digest.ts';
import { DeliveryError } from './errors.ts';
import { ggufFile, leadingFiles, type ModelFile } from './files.ts';
import { FileDelivery } from './file-delivery.ts';
import { everyFile, plan } from './plan.ts';
import { Progress } from './progress.ts';
import { PATIENCE, type Patience } from './retry.ts';
import { type Note, stretchOf } from './requests.ts';
import { checkRoom, withNumbers } from './room.ts';
import { Sources } from './sources.ts';
import { end } from './parts/place.ts';
import { ModelStore, type PartPlaces } from './store.ts';
import { check } from './check.ts';

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
	/**
	 * A complete build as one file that another device can take in, every byte of it verified first.
	 * @throws DeliveryError corrupt (the bad file is removed, to be fetched anew), no-storage, aborted
	 */
	pack(model: Model, build: Build, options: DeliveryOptions): Promise<Packed>;
	/**
	 * Takes in what another device has packed. Until all of it is right, none of it can be used.
	 * @param build the build that it is, as this device knows it
	 * @throws CarryError truncated, corrupt, incomplete
	 * @throws DeliveryError quota, no-storage, aborted
	 */
	unpack(carried: Carried, build: Build, options: DeliveryOptions): Promise<void>;
}

/** What delivery needs of the browser; tests hand in their own. */
export interface DeliveryEnvironment {
	caches: CacheStorage;
	/** Where the parts of files are kept. */
	parts: () => Promise<PartPlaces>;
	/** Rejects with an error named NoNetworkError where the person has forbidden the network. */
	fetch: typeof globalThis.fetch;
	note?: Note | undefined;
	/** Starts a thread that hashes a file while it comes. */
	startDigest: () => Promise<DigestThread>;
	/** The app's base URL: files below its origin are never looked for on a model host. */
	base: string;
	/** Asked for room and for a promise not to evict; without it a full disk shows only when a write fails. */
	storage?: Pick<StorageManager, 'estimate' | 'persist'> | undefined;
	/** Keeps two tabs from fetching the same file. */
	locks?: LockManager | undefined;
	/**
	 * A base URL that is asked instead of the model hub and the library host, as
	 * `<modelHost>/<path of the canonical URL>`; keys in the Cache API stay canonical.
	 */
	modelHost?: string | undefined;
	/** Further base URLs, laid out like `modelHost`, asked before it in order, the next when one fails. */
	mirrors?: (() => Promise<readonly string[]>) | undefined;
	/** Copies of hosts that others run, by the host's origin: asked last, and only while the person allows it. */
	publicMirrors?: (() => Promise<Readonly<Record<string, string>>>) | undefined;
	/** Milliseconds without a byte after which a connection is given up; 30 s unless told. */
	stallAfter?: number;
	/** Bytes of a file of so many that are asked for at once. */
	stretch?: (size: number) => number;
	patience?: Patience;
	now?: () => number;
	random?: () => number;
}

/** Files that are fetched at once. */
const PARALLEL = 4;
const STALL_AFTER = 30_000;

/** Delivery into the browser's own stores. One for the app; it holds no state but which host serves. */
export function createDelivery(environment: DeliveryEnvironment): Delivery {
	return new StoredDelivery(environment);
}

class StoredDelivery implements Delivery {
	readonly #environment: DeliveryEnvironment;
	readonly #store: ModelStore;
	readonly #files: FileDelivery;
	readonly #now: () => number;

	constructor(environment: DeliveryEnvironment) {
		this.#environment = environment;
		this.#store = new ModelStore(environment.caches, environment.parts);
		this.#now = environment.now ?? Date.now;
		this.#files = new FileDelivery({
			fetch: environment.fetch,
			note: environment.note,
			startDigest: environment.startDigest,
			locks: environment.locks,
			store: this.#store,
			sources: new Sources(this.#store, environment),
			stretch: environment.stretch ?? stretchOf,
			stallAfter: environment.stallAfter ?? STALL_AFTER,
			patience: environment.patience ?? PATIENCE,
			now: this.#now,
			random: environment.random ?? Math.random
		});
	}

	async download(build: Build, { onProgress, signal }: DeliveryOptions): Promise<void> {
		if (await this.stored(build)) return;
		const { storage } = this.#environment;
		await storage?.persist();
		await checkRoom(storage, build.bytes - (await this.have(build)));
		const progress = new Progress(build, onProgress, this.#now);
		try {
			const files = await this.#findOut(build, progress, signal);
			progress.expect(files);
			await checkRoom(storage, progress.total - (await this.have(build)));
			await this.#fetchAll(files, progress, signal);
		} finally {
			progress.end();
		}
	}

	async stored(build: Build): Promise<boolean> {
		const files = await plan(this.#store, build);
		if (!files) return false;
		for (const file of files) if ((await this.#store.size(file)) === undefined) return false;
		return true;
	}

	async have(build: Build): Promise<number> {
		const files = (await plan(this.#store, build)) ?? leadingFiles(build);
		const sizes = await Promise.all(
			files.map(async (file) => (await this.#store.size(file)) ?? end(await this.#store.parts(file)))
		);
		return sizes.reduce((sum, size) => sum + size, 0);
	}

	async remove(build: Build): Promise<void> {
		if (build.engine === 'builtin') return;
		if (build.engine === 'wllama') return this.#store.remove(ggufFile(build));
		// below the library's URL lie its parts, if it came no further
		for (const url of [build.url, build.library]) await this.#store.removeFolder(url);
		await this.#store.removeUnusedLibraries();
	}

	async open(build: WllamaBuild): Promise<Blob[]> {
		const blob = await this.#store.open(ggufFile(build));
		if (blob) return [blob];
		throw new DeliveryError({ kind: 'no-storage', detail: `${build.id} is not complete on this device` });
	}

	async verify(build: Build, { onProgress, signal }: DeliveryOptions): Promise<Verification> {
		const files = (await plan(this.#store, build)) ?? leadingFiles(build);
		const progress = new Progress(build, onProgress, this.#now);
		progress.expect(files);
		const result: Verification = { missing: [], corrupt: [] };
		for (const file of files) {
			const blob = await this.#store.open(file);
			const fault = blob && (await check(file, blob, file.key, signal));
			if (!blob) result.missing.push(file.key);
			else if (fault) {
				result.corrupt.push(file.key);
				await this.#store.remove(file);
			}
			progress.report(file, blob?.size ?? 0, blob?.size);
		}
		progress.end();
		return result;
	}

	pack(model: Model, build: Build, options: DeliveryOptions): Promise<Packed> {
		return pack(this.#store, { model, build, base: this.#environment.base }, options);
	}

	async unpack(carried: Carried, build: Build, options: DeliveryOptions): Promise<void> {
		const { storage } = this.#environment;
		await storage?.persist();
		await checkRoom(storage, carried.total - (await this.have(build)));
		try {
			await unpack(this.#store, carried, build, options);
		} catch (error) {
			throw await withNumbers(error, storage);
		}
	}

	/** Fetches the files that name the others. Unfit ones, from an older visit, are fetched anew once. */
	async #findOut(build: Build, progress: Progress, signal: AbortSignal): Promise<ModelFile[]> {
		const leading = leadingFiles(build);
		await this.#fetchAll(leading, progress, signal);
		const files = await plan(this.#store, build);
		if (files) return files;
		for (const file of leading) await this.#store.remove(file);
		await this.#fetchAll(leading, progress, signal);
		try {
			return await everyFile(this.#store, build);
		} catch (error) {
			for (const file of leading) await this.#store.remove(file);
			throw error;
		}
	}

	async #fetchAll(files: ModelFile[], progress: Progress, signal: AbortSignal): Promise<void> {
		// the first failure ends the other transfers too; each keeps what it has
		const failed = new AbortController();
		const together = AbortSignal.any([signal, failed.signal]);
		const queue = [...files];
		let first: unknown;
		const worker = async () => {
			for (let file = queue.shift(); file && !together.aborted; file = queue.shift()) {
				const current = file;
				await this.#files.bring(current, {
					onProgress: (bytes, size) => progress.report(current, bytes, size),
					signal: together
				});
			}
		};
		const guarded = () =>
			worker().catch((error: unknown) => {
				first ??= error;
				failed.abort();
			});
		await Promise.all(Array.from({ length: PARALLEL }, guarded));
		if (signal.aborted) throw new DeliveryError({ kind: 'aborted' }, { cause: first });
		if (first !== undefined) throw await withNumbers(first, this.#environment.storage);
	}
}
