import { WebSocket } from 'ws';
import { Link } from '#lib/link/link.ts';
import { Judge, NO_BOOK } from '#lib/room/judge.ts';
import { writeOps, type Op } from '#lib/room/payload.ts';
import { toBase64url } from '#lib/seal/bytes.ts';
import { newDevice, type Device } from '#lib/seal/device.ts';
import { deriveEpochKey, newRoomSecret, secureRandom, type RoomSecret } from '#lib/seal/keys.ts';
import { NO_LINK, seal } from '#lib/seal/seal.ts';
import { LIMITS, type ClientFrame, type ServerFrame } from '#lib/wire/frames.ts';
import { parseServerMessage } from '#lib/wire/parse.ts';
import { systemClock } from '../../../src/server/clock.ts';
import { SAID } from './guests.ts';

export interface Diary {
	room: string;
	secret: RoomSecret;
	events: number;
	/** A member who has seen none of it. */
	token: string;
}

const socketTo = (port: number) => new WebSocket(`ws://127.0.0.1:${port}/api/v1/socket`);

/** Has a member's device say so much in a room, each thing sealed, signed and chained as the client does it. */
export async function fill(
	port: number,
	room: string,
	author: { id: string; token: string },
	events: number
): Promise<Diary> {
	const secret = newRoomSecret(0);
	const device = await newDevice();
	const frames = await sealAll(room, author.id, secret, device, events);
	const socket = socketTo(port);
	await new Promise((resolve) => socket.once('open', resolve));
	const say = (said: ClientFrame[]) => socket.send(JSON.stringify(said));
	say([
		{ t: 'hello', v: 1, token: author.token },
		{ t: 'open', room, after: Number.MAX_SAFE_INTEGER }
	]);
	let stored = 0;
	await new Promise<void>((resolve) => {
		socket.on('message', (data) => {
			const parsed = parseServerMessage(String(data));
			if (parsed.ok) stored += parsed.frames.filter(({ t }) => t === 'ack').length;
			if (stored === events) resolve();
		});
		for (let from = 0; from < frames.length; from += LIMITS.framesPerMessage)
			say(frames.slice(from, from + LIMITS.framesPerMessage));
	});
	socket.close();
	return { room, secret, events, token: author.token };
}

async function sealAll(room: string, author: string, secret: RoomSecret, device: Device, events: number) {
	const key = await deriveEpochKey(room, secret);
	const frames: (ClientFrame & { t: 'send' })[] = [];
	let link = NO_LINK;
	for (let count = 0; count < events; count++) {
		const id = toBase64url(secureRandom(16));
		const message: Op = { t: 'message', id, text: `${count} `.padEnd(SAID, 'x'), reply: null, mentions: [] };
		const intro: Op = { t: 'device', agreement: toBase64url(device.agreement), name: 'Ada' };
		const bytes = writeOps(count === 0 ? [intro, message] : [message]);
		const sealed = await seal(bytes, { kind: 'event', room, author, id }, key, device, link);
		link = sealed.link;
		frames.push({ t: 'send', room, id, body: toBase64url(sealed.envelope) });
	}
	return frames;
}

/**
 * Comes to a room after all of it was said, with the client's own link and judge.
 * @returns milliseconds until every event was fetched, its signature and place in the chain checked, and its text read
 */
export async function catchUp(port: number, diary: Diary): Promise<number> {
	const device = await newDevice();
	const { room, secret, token } = diary;
	const judge = await Judge.of({ room, access: 'private', device }, NO_BOOK, [secret]);
	let readable = 0;
	const take = async (frame: ServerFrame) => {
		if (frame.t !== 'events') return;
		for (const { verdict } of await judge.judge(frame.events)) {
			if (verdict.kind === 'ops' && verdict.ops.some((op) => op.t === 'message' && op.text.length === SAID))
				readable++;
		}
	};
	const start = performance.now();
	await new Promise<void>((resolve) => {
		let working = Promise.resolve();
		const link = new Link(
			{ connect: () => socketTo(port), clock: systemClock, random: Math.random, token },
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
	const took = performance.now() - start;
	if (readable !== diary.events) throw new Error(`of ${diary.events} events ${readable} can be read`);
	return took;
}
