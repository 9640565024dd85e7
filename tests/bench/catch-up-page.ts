/** What runs in the page of the catch-up bench: it is put on the window as `catchUpBench`. */
import { Link } from '#lib/link/link.ts';
import { Judge, NO_BOOK } from '#lib/room/judge.ts';
import type { ReadOp } from '#lib/room/payload.ts';
import { fromBase64url } from '#lib/seal/bytes.ts';
import { Checker, startChecker } from '#lib/seal/checker.ts';
import { newDevice } from '#lib/seal/device.ts';
import type { ServerFrame } from '#lib/wire/frames.ts';
import type { Diary } from './server/catch-up.ts';

const clock = {
	now: () => Date.now(),
	after(milliseconds: number, work: () => void) {
		const timer = setTimeout(work, milliseconds);
		return () => clearTimeout(timer);
	}
};

/**
 * Comes to a room after all of it was said, with the client's own link and judge.
 * @returns milliseconds until every event was fetched, its signature and place in the chain checked, and its text read
 */
async function catchUp(port: number, diary: Diary): Promise<number> {
	const { room, secret, token, events, characters } = diary;
	const device = await newDevice();
	const given = [{ epoch: 0, secret: fromBase64url(secret) ?? new Uint8Array() }];
	const { check } = new Checker({
		start: startChecker,
		cores: navigator.hardwareConcurrency,
		after: clock.after
	});
	const judge = await Judge.of({ room, access: 'private', device, check }, NO_BOOK, given);
	let readable = 0;
	const isWhole = (op: ReadOp) => op.t === 'message' && op.text.length === characters;
	const take = async (frame: ServerFrame) => {
		if (frame.t !== 'events') return;
		for (const { verdict } of await judge.judge(frame.events))
			if (verdict.kind === 'ops' && verdict.ops.some(isWhole)) readable++;
	};
	const connect = () => new WebSocket(`ws://127.0.0.1:${port}/api/v1/socket`);
	const since = performance.now();
	await new Promise<void>((resolve) => {
		let working = Promise.resolve();
		const link = new Link(
			{ connect, clock, random: Math.random, token },
			{
				state: ({ kind }) => void (kind === 'on' && link.send({ t: 'open', room, after: 0 })),
				frames(frames) {
					for (const frame of frames) {
						if (frame.t === 'events') judge.prepare(frame.events);
						working = working.then(() => take(frame));
					}
					if (!frames.some(({ t }) => t === 'level')) return;
					void working.then(() => {
						link.close();
						resolve();
					});
				}
			}
		);
		link.open();
	});
	const took = performance.now() - since;
	if (readable !== events) throw new Error(`of ${events} events ${readable} can be read`);
	return took;
}

const catchUpBench = { catchUp };
export type CatchUpBench = typeof catchUpBench;
Object.assign(window, { catchUpBench });
