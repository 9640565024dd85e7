import { packSignatures, type FromChecker, type Signature, type ToChecker } from './checks.ts';
import { DeviceKeys, type Check } from './device-keys.ts';

/** The part of a Worker that is used. */
export type CheckerThread = Pick<Worker, 'postMessage' | 'addEventListener' | 'terminate'>;

export interface CheckerEnvironment {
	/** Starts a thread that checks. */
	start(): CheckerThread;
	/** How many of them can work at once. */
	cores: number;
	/** Calls `work` once after some milliseconds; the answer calls it off. */
	after(milliseconds: number, work: () => void): () => void;
}

/** As many threads at most: what the page has left to do takes longer than four of them. */
const THREADS = 4;
/** Signatures of a message to a thread. */
const BATCH = 64;
/** What a thread has at once, so that it need not wait between two. */
const AT_ONCE = 2;
/** For fewer than these no thread is started: that takes longer. */
const MANY = 16;
/** Milliseconds after which a thread that has nothing to do is ended. */
const IDLE = 10_000;
/** Milliseconds that a thread may take for a batch, which takes it about six: it may have been ended without a word. */
const PATIENCE = 10_000;

interface Task extends Signature {
	tell(right: Promise<boolean> | boolean): void;
}

interface Thread {
	thread: CheckerThread;
	batches: { tasks: Task[]; giveUp: () => void }[];
}

/** Starts a thread that checks signatures. */
export function startChecker(): CheckerThread {
	return new Worker(new URL('./checker.worker.ts', import.meta.url), { type: 'module', name: 'signatures' });
}

/**
 * Checks many signatures beside the page: a browser checks an Ed25519 signature where it is asked to, and ten
 * thousand of them keep a page's one thread busy for most of a second. Where a thread breaks, they are checked here.
 */
export class Checker {
	readonly #env: CheckerEnvironment;
	readonly #here: Check = new DeviceKeys().check;
	readonly #threads: Thread[] = [];
	#waiting: Task[] = [];
	#due = false;
	#broken = false;
	#endIdle: () => void = () => undefined;

	constructor(env: CheckerEnvironment) {
		this.#env = env;
	}

	readonly check: Check = (device, message, signature) =>
		new Promise((resolve) => {
			this.#waiting.push({ device, message, signature, tell: resolve });
			if (this.#due) return;
			this.#due = true;
			// all that is asked in one go is asked of the threads together
			queueMicrotask(() => {
				this.#due = false;
				this.#hand();
			});
		});

	#hand(): void {
		this.#endIdle();
		const busy = this.#threads.some(({ batches }) => batches.length > 0);
		if (this.#broken || (!busy && this.#waiting.length < MANY)) this.#doHere(this.#waiting.splice(0));
		while (this.#waiting.length > 0) {
			const thread = this.#free();
			if (!thread) break;
			this.#give(thread, this.#waiting.splice(0, BATCH));
		}
		if (!busy && this.#threads.every(({ batches }) => batches.length === 0)) this.#wait();
	}

	/** The thread with least to do; a new one where all have something, many wait, and there may be more threads. */
	#free(): Thread | undefined {
		const [least] = this.#threads.toSorted((one, other) => one.batches.length - other.batches.length);
		if (least?.batches.length === 0) return least;
		const most = Math.min(this.#env.cores, THREADS);
		if (this.#threads.length < most && this.#waiting.length >= MANY) return this.#start();
		return least && least.batches.length < AT_ONCE ? least : undefined;
	}

	/** @returns undefined where the browser allows no thread: then what waits has been done here */
	#start(): Thread | undefined {
		let thread: Thread;
		try {
			thread = { thread: this.#env.start(), batches: [] };
		} catch {
			this.#break();
			return undefined;
		}
		this.#threads.push(thread);
		thread.thread.addEventListener('message', (event) => {
			this.#hear(thread, (event as MessageEvent<FromChecker>).data);
		});
		thread.thread.addEventListener('error', (event) => {
			event.preventDefault();
			this.#break();
		});
		return thread;
	}

	#give(to: Thread, tasks: Task[]): void {
		const buffer = packSignatures(tasks);
		to.batches.push({ tasks, giveUp: this.#env.after(PATIENCE, () => this.#break()) });
		to.thread.postMessage({ buffer } satisfies ToChecker, [buffer]);
	}

	#hear(from: Thread, right: FromChecker): void {
		const batch = from.batches.shift();
		// one that was given up has nothing to say
		if (!batch) return;
		batch.giveUp();
		for (const [index, { tell }] of batch.tasks.entries()) tell(right[index] === 1);
		this.#hand();
	}

	#doHere(tasks: readonly Task[]): void {
		for (const { device, message, signature, tell } of tasks) tell(this.#here(device, message, signature));
	}

	/** A thread does not answer: what it had, and all that follows, is done here. */
	#break(): void {
		this.#broken = true;
		const tasks = this.#threads.flatMap(({ batches }) => batches.flatMap((batch) => batch.tasks));
		this.#end();
		this.#doHere([...tasks, ...this.#waiting.splice(0)]);
	}

	#wait(): void {
		if (this.#threads.length > 0) this.#endIdle = this.#env.after(IDLE, () => this.#end());
	}

	#end(): void {
		for (const { thread, batches } of this.#threads.splice(0)) {
			for (const { giveUp } of batches.splice(0)) giveUp();
			thread.terminate();
		}
	}
}
