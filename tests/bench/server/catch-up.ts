import { WebSocket } from 'ws';
import { writeOps, type Op } from '#lib/room/payload.ts';
import { toBase64url } from '#lib/seal/bytes.ts';
import { newDevice, type Device } from '#lib/seal/device.ts';
import { deriveEpochKey, newRoomSecret, secureRandom, type RoomSecret } from '#lib/seal/keys.ts';
import { NO_LINK, seal } from '#lib/seal/seal.ts';
import { LIMITS, type ClientFrame } from '#lib/wire/frames.ts';
import { parseServerMessage } from '#lib/wire/parse.ts';
import { SAID } from './guests.ts';

/** A room in which much was said. */
export interface Diary {
	room: string;
	/** Of its only epoch: 32 bytes in base64url. */
	secret: string;
	events: number;
	/** Of each text. */
	characters: number;
	/** A member who has seen none of it. */
	token: string;
}

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
	const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/socket`);
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
	return { room, secret: toBase64url(secret.secret), events, characters: SAID, token: author.token };
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
