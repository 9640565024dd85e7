/**
 * Work that is begun before its result is asked for: on each thing once, in the order they came, and on so many at a
 * time. What nobody holds any more is forgotten with its result.
 */
export class Ahead<Thing extends object, Result> {
	readonly #work: (thing: Thing) => Promise<Result>;
	readonly #atOnce: number;
	readonly #results = new WeakMap<Thing, Promise<Result>>();
	readonly #waiting: (() => Promise<void>)[] = [];
	#running = 0;

	constructor(work: (thing: Thing) => Promise<Result>, atOnce: number) {
		this.#work = work;
		this.#atOnce = atOnce;
	}

	/** What becomes of a thing; it is worked on as soon as there is place. */
	of(thing: Thing): Promise<Result> {
		const known = this.#results.get(thing);
		if (known) return known;
		const { promise, resolve, reject } = Promise.withResolvers<Result>();
		// a failure is for those who ask for the result, and perhaps nobody does
		promise.catch(() => undefined);
		this.#results.set(thing, promise);
		this.#waiting.push(() => this.#work(thing).then(resolve, reject));
		void this.#next();
		return promise;
	}

	async #next(): Promise<void> {
		if (this.#running === this.#atOnce) return;
		this.#running++;
		for (let work = this.#waiting.shift(); work; work = this.#waiting.shift()) await work();
		this.#running--;
	}
}
