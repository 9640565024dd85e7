/** One file, from whichever host has it, however often the connection breaks, until it is whole and right. */
import { check, checkArrived } from './check.ts';
import { DeliveryError } from './errors.ts';
import type { ModelFile } from './files.ts';
import { isFinal, isPassing, pause, pauseAfter, type Patience } from './retry.ts';
import type { Sources } from './sources.ts';
import { Slots } from './slots.ts';
import { end } from './parts/place.ts';
import type { ModelStore } from './store.ts';
import { transfer, type TransferOptions } from './transfer.ts';

export interface FileDeliveryOptions extends Pick<
	TransferOptions,
	'fetch' | 'store' | 'stallAfter' | 'note' | 'startDigest' | 'stretch' | 'now'
> {
	sources: Sources;
	locks: LockManager | undefined;
	patience: Patience;
	random: () => number;
}

/** Tries again of a host that was never reached: whoever is offline should hear it soon. */
const FIRST_TRIES = 2;

/** Parts that are written at once, of all files. */
const WRITES = 8;

type Wish = Pick<TransferOptions, 'onProgress' | 'signal'>;

export class FileDelivery {
	readonly #options: FileDeliveryOptions & Pick<TransferOptions, 'writes'>;
	readonly #store: ModelStore;
	/** Origins that have answered: an outage of these is waited for, one that never answered is not there. */
	readonly #heard = new Set<string>();

	constructor(options: FileDeliveryOptions) {
		this.#options = { ...options, writes: new Slots(WRITES) };
		this.#store = options.store;
	}

	/**
	 * Brings the file onto the device unless it is there. Two tabs that want the same file take turns.
	 * @throws DeliveryError that of the host asked first, where all fail
	 */
	async bring(file: ModelFile, wish: Wish): Promise<void> {
		const { locks } = this.#options;
		if (!locks) return this.#bringAlone(file, wish);
		try {
			await locks.request(`alcove-file:${file.key}`, { signal: wish.signal }, () =>
				this.#bringAlone(file, wish)
			);
		} catch (error) {
			if (error instanceof DeliveryError || !wish.signal.aborted) throw error;
			throw new DeliveryError({ kind: 'aborted' }, { cause: error });
		}
	}

	async #bringAlone(file: ModelFile, wish: Wish): Promise<void> {
		const size = await this.#store.size(file);
		if (size !== undefined) return wish.onProgress(size, size);
		let first: DeliveryError | undefined;
		for (const { host, url } of await this.#options.sources.of(file)) {
			const error = await this.#from(url, file, wish);
			if (!error) return this.#options.sources.worked(host, file);
			if (isFinal(error)) throw error;
			first ??= error;
		}
		throw first ?? new DeliveryError({ kind: 'unreachable', url: file.key, detail: 'no host to ask' });
	}

	/** Tries one host until it is given up. @returns why it was, or undefined when the file is complete */
	async #from(url: string, file: ModelFile, wish: Wish): Promise<DeliveryError | undefined> {
		const { random } = this.#options;
		let inVain = 0;
		let spoiled = false;
		for (;;) {
			const before = await this.#arrived(file);
			const error = await this.#once(url, file, wish);
			if (error?.kind !== 'unreachable') this.#heard.add(new URL(url).origin);
			if (!error) return undefined;
			if (error.kind === 'corrupt' && !spoiled) {
				// a bad file is fetched anew once: it may have been spoiled on the way
				spoiled = true;
				continue;
			}
			if (!isPassing(error)) return error;
			if ((await this.#arrived(file)) > before) inVain = 0;
			const wait = pauseAfter(error, inVain, this.#patienceWith(url), random());
			if (wait === undefined) return error;
			inVain += 1;
			await pause(wait, wish.signal);
		}
	}

	#patienceWith(url: string): Patience {
		const { patience } = this.#options;
		if (this.#heard.has(new URL(url).origin)) return patience;
		return { ...patience, tries: Math.min(patience.tries, FIRST_TRIES) };
	}

	async #arrived(file: ModelFile): Promise<number> {
		return end(await this.#store.parts(file));
	}

	async #once(url: string, file: ModelFile, wish: Wish): Promise<DeliveryError | undefined> {
		try {
			const { parts, sum, verified } = await transfer(file, url, { ...this.#options, ...wish });
			const bytes = end(parts);
			const fault =
				verified || sum !== undefined
					? checkArrived(file, url, { bytes, sum })
					: await check(file, await this.#store.read(file, parts), url, wish.signal);
			if (fault) {
				await this.#store.dropParts(file);
				return fault;
			}
			await this.#store.finish(file, parts);
			wish.onProgress(bytes, bytes);
			return undefined;
		} catch (error) {
			await this.#store.settle(file);
			if (error instanceof DeliveryError) return error;
			if (wish.signal.aborted) return new DeliveryError({ kind: 'aborted' }, { cause: error });
			throw error;
		}
	}
}
