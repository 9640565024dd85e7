import { describe, expect, test } from 'vitest';
import { utf8, type Bytes } from '#lib/seal/bytes.ts';
import { Checker, startChecker, type CheckerThread } from '#lib/seal/checker.ts';
import { newDevice, signBytes } from '#lib/seal/device.ts';

/** Time that passes when it is told to. */
class Timers {
	#timers: { work: () => void; milliseconds: number }[] = [];

	after = (milliseconds: number, work: () => void) => {
		const timer = { work, milliseconds };
		this.#timers.push(timer);
		return () => (this.#timers = this.#timers.filter((other) => other !== timer));
	};

	/** How many run. */
	get running(): number {
		return this.#timers.length;
	}

	/** All that run are due. */
	ring(): void {
		for (const { work } of this.#timers.splice(0)) work();
	}
}

/** Real threads, counted. */
function house(start: () => CheckerThread = startChecker, cores = 2) {
	const timers = new Timers();
	const count = { started: 0, ended: 0 };
	const checker = new Checker({
		cores,
		after: timers.after,
		start() {
			const thread = start();
			count.started++;
			return {
				postMessage: thread.postMessage.bind(thread) as CheckerThread['postMessage'],
				addEventListener: thread.addEventListener.bind(thread) as CheckerThread['addEventListener'],
				terminate() {
					count.ended++;
					thread.terminate();
				}
			};
		}
	});
	return { checker, timers, count };
}

interface Case {
	device: Bytes;
	message: Bytes;
	signature: Bytes;
	right: boolean;
}

/** Signatures of three devices; every third has a bit that is not right, in its name, its message or its signature. */
async function cases(count: number): Promise<Case[]> {
	const devices = [await newDevice(), await newDevice(), await newDevice()];
	return Promise.all(
		Array.from({ length: count }, async (_, n) => {
			const device = devices[n % 7 === 0 ? 0 : n % 2 === 0 ? 1 : 2] ?? (await newDevice());
			const message = utf8(`what was said ${n} ${'…'.repeat(n % 50)}`);
			const signature = await signBytes(device, message);
			const made = { device: device.id.slice(), message, signature, right: n % 3 !== 0 };
			const at = n % 9 === 0 ? made.device : n % 9 === 3 ? made.message : made.signature;
			if (!made.right) at[n % at.length] = (at[n % at.length] ?? 0) ^ (1 << (n % 8));
			return made;
		})
	);
}

function checkAll(checker: Checker, all: readonly Case[]): Promise<boolean[]> {
	return Promise.all(all.map(({ device, message, signature }) => checker.check(device, message, signature)));
}

const rights = (all: readonly Case[]) => all.map(({ right }) => right);

describe('signatures that are checked beside the page', () => {
	test('each has its own answer, in whatever order and however many are asked for', async () => {
		const { checker, count } = house();
		const all = await cases(1_000);
		expect(await checkAll(checker, all)).toEqual(rights(all));
		// while others are under way
		const [one, two] = [all.slice(0, 300), all.slice(300, 310)];
		const first = checkAll(checker, one);
		expect(await checkAll(checker, two.slice(0, 1))).toEqual(rights(two.slice(0, 1)));
		expect(await Promise.all([first, checkAll(checker, two)])).toEqual([rights(one), rights(two)]);
		expect(count.started).toBe(2);
	});

	test('starts no thread for a few', async () => {
		const { checker, count } = house();
		const all = await cases(12);
		expect(await checkAll(checker, all)).toEqual(rights(all));
		expect(count.started).toBe(0);
	});

	test('ends its threads when there is nothing to do, and starts others for the next', async () => {
		const { checker, timers, count } = house();
		const all = await cases(300);
		await checkAll(checker, all);
		expect(timers.running).toBe(1);
		timers.ring();
		expect(count).toEqual({ started: 2, ended: 2 });
		expect(await checkAll(checker, all)).toEqual(rights(all));
		expect(count.started).toBe(4);
	});

	test('a thread that cannot start: all is checked here', async () => {
		const { checker, count } = house(() => new Worker('data:text/javascript,nonsense(', { type: 'module' }));
		const all = await cases(500);
		expect(await checkAll(checker, all)).toEqual(rights(all));
		expect(count.started).toBeGreaterThan(0);
		expect(count.ended).toBe(count.started);
		const before = count.started;
		expect(await checkAll(checker, all)).toEqual(rights(all));
		expect(count.started).toBe(before);
	});

	test('a browser that allows no thread, or no second one: all is checked here', async () => {
		const all = await cases(500);
		for (const allowed of [0, 1]) {
			let left = allowed;
			const { checker } = house(() => {
				if (left-- > 0) return startChecker();
				throw new DOMException('no thread', 'SecurityError');
			});
			expect(await checkAll(checker, all)).toEqual(rights(all));
			expect(await checkAll(checker, all)).toEqual(rights(all));
		}
	});

	test('a thread that was ended without a word: all is checked here', async () => {
		const threads: CheckerThread[] = [];
		const { checker, timers } = house(() => {
			const thread = startChecker();
			threads.push(thread);
			return thread;
		});
		const all = await cases(500);
		const answers = checkAll(checker, all);
		// the microtask in which they are handed over has passed
		await Promise.resolve();
		expect(threads.length).toBeGreaterThan(0);
		for (const thread of threads) thread.terminate();
		timers.ring();
		expect(await answers).toEqual(rights(all));
	});
});
