import { toBase64url, utf8 } from '#lib/seal/bytes.ts';
import { newDevice } from '#lib/seal/device.ts';
import { deriveEpochKey, newRoomSecret } from '#lib/seal/keys.ts';
import { NO_LINK, seal } from '#lib/seal/seal.ts';
import { writeOps } from '#lib/room/payload.ts';
import { api } from '../../sync/support/server-process.ts';
import type { Guests, Shape } from './job.ts';

/** Bytes of what is said. */
export const SAID = 200;

/** Registers people. @returns their access tokens */
export async function register(origin: string, count: number): Promise<string[]> {
	const tokens: string[] = [];
	for (let made = 0; made < count; made++) {
		const body = { name: `member${made}`, password: 'correct horse' };
		tokens.push(String((await api(origin, 'POST', '/accounts', { body }))['token']));
	}
	return tokens;
}

/** Puts the first of those who are registered into private rooms, all into each. */
export async function invite(origin: string, everybody: readonly string[], shape: Shape): Promise<Guests> {
	const tokens = everybody.slice(0, shape.members);
	const [owner = '', ...others] = tokens;
	const rooms: string[] = [];
	while (rooms.length < shape.rooms) {
		const made = await api(origin, 'POST', '/rooms', {
			token: owner,
			body: { access: { kind: 'private' } }
		});
		const path = `/rooms/${String(made['id'])}`;
		const body = { uses: shape.members, life: 3_600 };
		const { code } = await api(origin, 'POST', `${path}/invites`, { token: owner, body });
		for (const token of others)
			await api(origin, 'POST', `${path}/members`, { token, body: { invite: code } });
		rooms.push(String(made['id']));
	}
	return { rooms, tokens };
}

/** Messages as the client seals them. */
export async function sealedBodies(count: number): Promise<string[]> {
	const room = 'r'.repeat(22);
	const [device, key] = [await newDevice(), await deriveEpochKey(room, newRoomSecret(0))];
	const bodies: string[] = [];
	let link = NO_LINK;
	for (let made = 0; made < count; made++) {
		const id = String(made).padStart(22, '0');
		const text = `${made} `.padEnd(SAID, 'x');
		const bytes = writeOps([{ t: 'message', id, text, reply: null, mentions: [] }]);
		const place = { kind: 'event', room, author: 'a'.repeat(22), id } as const;
		const sealed = await seal(utf8(new TextDecoder().decode(bytes)), place, key, device, link);
		link = sealed.link;
		bodies.push(toBase64url(sealed.envelope));
	}
	return bodies;
}
