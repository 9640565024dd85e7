import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Bus, BusMessage } from '../../src/server/bus/bus.ts';

/** One bus under test, as the processes on it see it. */
export interface BusUnderTest {
	/** A further process on the same bus; where there can be but one, the same again. */
	enter(): Promise<Bus>;
	remove(): Promise<void>;
}

const newId = () => randomBytes(16).toString('base64url');

/** What every Bus promises. `make` gives one that nobody is on. */
export function busContract(name: string, make: () => Promise<BusUnderTest>): void {
	describe(`the bus ${name}`, () => {
		const cleanUp: (() => Promise<void>)[] = [];
		afterEach(async () => {
			for (const step of cleanUp.splice(0)) await step();
		});

		/** Two processes that attend a room and hear each other. */
		async function start() {
			const under = await make();
			cleanUp.push(() => under.remove());
			const room = newId();
			const one = await enter(under, room);
			const two = await enter(under, room);
			await untilHeard(one, two, room);
			await untilHeard(two, one, room);
			one.heard.length = two.heard.length = 0;
			return { room, one, two };
		}

		test('[S8] what one process says comes to itself at once and to the other in its order', async () => {
			const { room, one, two } = await start();
			const said = Array.from({ length: 500 }, (_, index) => signal(room, index));
			for (const [index, message] of said.entries()) {
				one.bus.publish(message);
				expect(one.heard.length).toBe(index + 1);
				if (index % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
			}
			await two.until(() => two.heard.length >= said.length);
			expect(one.heard).toEqual(said);
			expect(two.heard).toEqual(said);
		});

		test('every kind of message arrives as it was sent, once', async () => {
			const { room, one, two } = await start();
			const [account, process] = [newId(), newId()];
			const event = { seq: 7, id: newId(), from: account, at: 1_700_000_000_000, body: 'Ym9keQ' };
			const messages: BusMessage[] = [
				{ kind: 'committed', room, events: [event, { ...event, seq: 8, id: newId(), body: '' }] },
				{ kind: 'signal', room, from: account, connection: newId(), n: 3, body: 'AAAA' },
				{ kind: 'changed', room },
				{ kind: 'ended', room, account, code: 'removed' },
				{ kind: 'ended', room, account: null, code: 'closed' },
				{ kind: 'here', room, process, accounts: [account, newId()], ask: true },
				{ kind: 'revoked', account, sessions: { only: newId() } },
				{ kind: 'revoked', account, sessions: { allBut: null } },
				{ kind: 'changed', room }
			];
			for (const message of messages) one.bus.publish(message);
			await two.until(() => two.heard.length >= messages.length);
			const order = (list: BusMessage[]) => ({
				room: list.filter(({ kind }) => kind !== 'revoked'),
				everybody: list.filter(({ kind }) => kind === 'revoked')
			});
			expect(order(two.heard)).toEqual(order(messages));
			expect(one.heard).toEqual(messages);
		});

		test('who ends its subscription, or closes, hears no more', async () => {
			const { room, one, two } = await start();
			one.end();
			one.bus.publish(signal(room, 1));
			await two.until(() => two.heard.length === 1);
			expect(one.heard).toEqual([]);
			await two.bus.close();
			one.bus.publish(signal(room, 2));
			expect(two.heard).toHaveLength(1);
		});
	});
}

export function signal(room: string, n: number): BusMessage {
	return { kind: 'signal', room, from: room, connection: room, n, body: 'AAAA' };
}

/** A process on the bus, with all that it heard. */
export async function enter(under: BusUnderTest, room: string) {
	const bus = await under.enter();
	const heard: BusMessage[] = [];
	let wake: () => void = () => undefined;
	const end = bus.subscribe((message) => {
		heard.push(message);
		wake();
	});
	bus.attend(room);
	const until = async (done: () => boolean) => {
		while (!done()) await new Promise<void>((resolve) => (wake = resolve));
	};
	return { bus, heard, end, until };
}

type Attendant = Awaited<ReturnType<typeof enter>>;

/** Says something again and again until it arrives: from then on all does. */
export async function untilHeard(from: Attendant, to: Attendant, room: string): Promise<void> {
	const before = to.heard.length;
	while (to.heard.length === before) {
		from.bus.publish(signal(room, 0));
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	// what was said before it arrived must not arrive later, and be taken for something else
	const last = 1_000_000 + before;
	from.bus.publish(signal(room, last));
	await to.until(() => to.heard.some((message) => message.kind === 'signal' && message.n === last));
}
