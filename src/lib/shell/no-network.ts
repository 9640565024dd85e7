/**
 * The person's word that nothing may leave this device. It is an entry of a cache: the service worker can read it
 * before any script of a page runs, and so can a page without a service worker.
 */

const CACHE = 'alcove-network';
const MARK = 'no-network';

/** On an answer that the service worker gives in place of the network, to tell it from a server's. */
export const REFUSED = 'Alcove-Refused';

/** A request that was not made because the person has forbidden the network. Others know it by its name. */
export class NoNetworkError extends Error {
	override readonly name = 'NoNetworkError';

	constructor() {
		super('The No network switch is on');
	}
}

/** @param base the app's base URL, absolute, ending in "/". @returns false also where the browser gives no storage */
export async function isForbidden(caches: CacheStorage, base: string): Promise<boolean> {
	try {
		if (!(await caches.has(CACHE))) return false;
		return (await (await caches.open(CACHE)).match(new URL(MARK, base))) !== undefined;
	} catch {
		return false;
	}
}

/** @throws DOMException where the browser gives no storage */
export async function forbid(caches: CacheStorage, base: string, on: boolean): Promise<void> {
	const cache = await caches.open(CACHE);
	if (on) await cache.put(new URL(MARK, base), new Response(null));
	else await cache.delete(new URL(MARK, base));
}

/** What the service worker knows of the switch. It starts again and again, each time knowing nothing. */
export class Gate {
	readonly #read: () => Promise<boolean>;
	#forbidden: boolean | undefined;
	/** Requests that a page is about to make and will note itself, by address. */
	readonly #announced = new Map<string, number>();

	constructor(read: () => Promise<boolean>) {
		this.#read = read;
	}

	/** Whether it is known that requests may leave; only then is one left to the browser. */
	get isOpen(): boolean {
		return this.#forbidden === false;
	}

	/** Reads the switch once after a start, or anew after it was turned. */
	async forbidden(anew = false): Promise<boolean> {
		if (anew || this.#forbidden === undefined) this.#forbidden = await this.#read();
		return this.#forbidden;
	}

	announce(url: string): void {
		this.#announced.set(url, (this.#announced.get(url) ?? 0) + 1);
	}

	/** @returns whether a page has announced it; once for each time it did */
	wasAnnounced(url: string): boolean {
		const times = this.#announced.get(url) ?? 0;
		if (times > 1) this.#announced.set(url, times - 1);
		else this.#announced.delete(url);
		return times > 0;
	}
}
