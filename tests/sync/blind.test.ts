import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ClientFrame, ServerFrame } from '#lib/wire/frames.ts';
import { parseServerMessage } from '#lib/wire/parse.ts';
import { fromBase64url, toBase64url, utf8 } from '#lib/seal/bytes.ts';
import { newDevice } from '#lib/seal/device.ts';
import { deriveEpochKey, newRoomSecret } from '#lib/seal/keys.ts';
import { NO_LINK, open, seal, type Place } from '#lib/seal/seal.ts';
import { Choices } from './support/random.ts';
import { furnish, ServerProcess } from './support/server-process.ts';

const TEXT = 'the canary sings at midnight, 小明';

const server = new ServerProcess();
afterAll(() => server.remove());

/** A text as it would look in a file or a frame: itself, and in base64 wherever it may begin. */
function shapes(text: string): string[] {
	const inBase64 = [0, 1, 2].map((before) => {
		const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64url');
		return whole.slice(4, -4);
	});
	return [text, text.slice(4, 20), ...inBase64];
}

/** Everything that is in the server's folder but its compiled code, and all that it logged. */
function atRest(): string {
	const files = readdirSync(server.folder).filter((name) => name !== 'compiled');
	expect(files).toContain('rooms.db-wal');
	const contents = files.map((name) => readFileSync(join(server.folder, name), 'latin1'));
	return [...contents, ...server.lines].join('\n');
}

/** A connection that has the room open, with all that went over it. */
async function enter(token: string, room: string) {
	const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/api/v1/socket`);
	const traffic: string[] = [];
	const frames: ServerFrame[] = [];
	let wake: () => void = () => undefined;
	socket.on('message', (data) => {
		traffic.push(String(data));
		const parsed = parseServerMessage(String(data));
		if (parsed.ok) frames.push(...parsed.frames);
		wake();
	});
	const say = (...said: ClientFrame[]) => {
		traffic.push(JSON.stringify(said));
		socket.send(JSON.stringify(said));
	};
	const next = async <T extends ServerFrame['t']>(t: T): Promise<Extract<ServerFrame, { t: T }>> => {
		for (;;) {
			const found = frames.find((frame): frame is Extract<ServerFrame, { t: T }> => frame.t === t);
			if (found) return found;
			await new Promise<void>((resolve) => (wake = resolve));
		}
	};
	await new Promise((resolve) => socket.once('open', resolve));
	say({ t: 'hello', v: 1, token }, { t: 'open', room, after: 0 });
	await next('level');
	return { socket, traffic, say, next };
}

test('what members write is in no file, no log line and no frame, and the others read it', async () => {
	await server.start();
	const { room, people } = await furnish(server.origin, ['ada', 'bob']);
	const [ada, bob] = people;
	if (!ada || !bob) throw new Error('nobody came');
	const key = await deriveEpochKey(room, newRoomSecret(0));
	const device = await newDevice();
	const [writer, reader] = [await enter(ada.token, room), await enter(bob.token, room)];

	const event: Place = { kind: 'event', room, author: ada.id, id: new Choices(1).id() };
	const signal: Place = { kind: 'signal', room, author: ada.id, id: '1' };
	const [sealed, whispered] = [
		await seal(utf8(TEXT), event, key, device, NO_LINK),
		await seal(utf8(TEXT), signal, key, device, NO_LINK)
	];
	writer.say({ t: 'send', room, id: event.id, body: toBase64url(sealed.envelope) });
	writer.say({ t: 'signal', room, n: 1, body: toBase64url(whispered.envelope) });
	const heard = [(await reader.next('events')).events[0]?.body, (await reader.next('signal')).body];
	const places = [event, signal];
	for (const [index, body] of heard.entries()) {
		const opened = await open(
			fromBase64url(body ?? '') ?? new Uint8Array(),
			places[index] ?? event,
			() => key
		);
		expect(new TextDecoder().decode(opened.bytes)).toBe(TEXT);
	}
	await writer.next('ack');

	const files = atRest();
	expect(files).toContain(toBase64url(sealed.envelope));
	for (const traffic of [files, ...writer.traffic, ...reader.traffic]) {
		for (const shape of shapes(TEXT)) expect(traffic.includes(shape)).toBe(false);
	}
	for (const secret of [ada.token, bob.token, 'correct horse', toBase64url(whispered.envelope)]) {
		expect(files.includes(secret)).toBe(false);
	}
	for (const line of server.lines)
		for (const id of [ada.id, room, event.id, 'ada']) expect(line).not.toContain(`"${id}"`);
	for (const { socket } of [writer, reader]) socket.close();
}, 60_000);
