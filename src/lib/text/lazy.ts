/** A module that is loaded when it is first wanted, and at hand from then on. */
export class Lazy<T> {
	readonly #import: () => Promise<T>;
	#loading: Promise<T> | null = null;
	#loaded: T | null = null;

	constructor(load: () => Promise<T>) {
		this.#import = load;
	}

	/** The module, or null while it is not there. */
	get now(): T | null {
		return this.#loaded;
	}

	/** Loads it; after a failure the next call tries again. */
	load(): Promise<T> {
		this.#loading ??= this.#import().then(
			(module) => (this.#loaded = module),
			(error: unknown) => {
				this.#loading = null;
				throw error;
			}
		);
		return this.#loading;
	}
}
