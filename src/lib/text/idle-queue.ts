/** How long a step may wait for the browser to be idle, in milliseconds. */
const PATIENCE = 250;
/** How much of a moment is used where the browser does not say when it is idle (Safari), in milliseconds. */
const SLICE = 5;

/** Time left for steps now, in milliseconds. */
type Remaining = () => number;

/** Asks for a moment between other work; returns how to take that back. */
function request(callback: (remaining: Remaining) => void): () => void {
	if (typeof requestIdleCallback === 'function') {
		const handle = requestIdleCallback((deadline) => callback(() => deadline.timeRemaining()), {
			timeout: PATIENCE
		});
		return () => cancelIdleCallback(handle);
	}
	const handle = setTimeout(() => {
		const end = performance.now() + SLICE;
		callback(() => end - performance.now());
	});
	return () => clearTimeout(handle);
}

/** Work that can wait, done in small steps while the page has nothing better to do. */
export class IdleQueue {
	#steps: (() => void)[] = [];
	#cancel: (() => void) | null = null;
	#awaited = 0;
	#settled: (() => void)[] = [];
	readonly #fail: (error: unknown) => void;

	/** @param fail is told what a step threw; the steps after it go on */
	constructor(fail: (error: unknown) => void) {
		this.#fail = fail;
	}

	/** Does `step` later; each should take a few milliseconds at most. */
	add(step: () => void): void {
		this.#steps.push(step);
		this.#schedule();
	}

	/** Does `step` with what `promise` gives, once it has. */
	addAfter<T>(promise: Promise<T>, step: (value: T) => void): void {
		this.#awaited++;
		promise
			.then((value) => this.add(() => step(value)), this.#fail)
			.finally(() => {
				this.#awaited--;
				this.#tell();
			});
	}

	/** Resolves when nothing is left to do. */
	settled(): Promise<void> {
		return new Promise((resolve) => {
			this.#settled.push(resolve);
			this.#tell();
		});
	}

	/** Forgets all that was to be done. */
	clear(): void {
		this.#steps = [];
		this.#cancel?.();
		this.#cancel = null;
		this.#tell();
	}

	#schedule(): void {
		this.#cancel ??= request((remaining) => {
			this.#cancel = null;
			do this.#run();
			while (this.#steps.length > 0 && remaining() > 1);
			if (this.#steps.length > 0) this.#schedule();
			else this.#tell();
		});
	}

	#run(): void {
		try {
			this.#steps.shift()?.();
		} catch (error) {
			this.#fail(error);
		}
	}

	#tell(): void {
		if (this.#steps.length > 0 || this.#awaited > 0) return;
		for (const resolve of this.#settled.splice(0)) resolve();
	}
}
