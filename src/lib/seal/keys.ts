import {
	concat,
	sha256,
	toBase64url,
	fromBase64url,
	uint32,
	utf8,
	equal,
	readUint32,
	type Bytes
} from './bytes.ts';
import { SealError } from './errors.ts';

/** Fills with random bytes; tests hand in their own. */
export type Random = (length: number) => Bytes;

export const secureRandom: Random = (length) => crypto.getRandomValues(new Uint8Array(length));

/** What opens a room from one epoch to the next. It stands in links and backups. */
export interface RoomSecret {
	epoch: number;
	/** 32 bytes. */
	secret: Bytes;
}

/** An epoch's key in use: it cannot be read back. */
export interface EpochKey {
	room: string;
	epoch: number;
	key: CryptoKey;
}

const SECRET_BYTES = 32;
const MAX_EPOCH = 0xffff_ffff;
const LINK_VERSION = 1;
const CHECK_BYTES = 4;
const INVITE = /^[A-Za-z0-9_-]{43}$/;

/** A room's first secret, or the one after somebody was removed. */
export function newRoomSecret(epoch: number, random: Random = secureRandom): RoomSecret {
	return { epoch, secret: random(SECRET_BYTES) };
}

/** The key that seals and opens an epoch (K1). */
export async function deriveEpochKey(room: string, { epoch, secret }: RoomSecret): Promise<EpochKey> {
	const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
	const info = concat(utf8('alcove/epoch/1'), uint32(epoch));
	const key = await crypto.subtle.deriveKey(
		{ name: 'HKDF', hash: 'SHA-256', salt: utf8(room), info },
		base,
		{ name: 'AES-GCM', length: 256 },
		false,
		['encrypt', 'decrypt']
	);
	return { room, epoch, key };
}

/** What a link's fragment says: the key, and the server's invite if the room is not open. */
export interface LinkFragment {
	secret: RoomSecret;
	invite: string | null;
}

/** The part of a link after "#" (K2). */
export async function formatFragment({ secret: { epoch, secret }, invite }: LinkFragment): Promise<string> {
	const body = concat(Uint8Array.of(LINK_VERSION), uint32(epoch), secret);
	const check = (await sha256(body)).subarray(0, CHECK_BYTES);
	return `${toBase64url(concat(body, check))}${invite === null ? '' : `.${invite}`}`;
}

/**
 * Reads the part of a link after "#", with or without the "#".
 * @throws SealError malformed (cut, mistyped or not a link at all), version
 */
export async function parseFragment(fragment: string): Promise<LinkFragment> {
	const [text = '', invite, ...more] = fragment.replace(/^#/, '').split('.');
	const bytes = fromBase64url(text);
	if (!bytes || more.length > 0 || (invite !== undefined && !INVITE.test(invite)))
		throw new SealError('malformed');
	if (bytes.length > 0 && bytes[0] !== LINK_VERSION) throw new SealError('version');
	if (bytes.length !== 1 + 4 + SECRET_BYTES + CHECK_BYTES) throw new SealError('malformed');
	const body = bytes.slice(0, -CHECK_BYTES);
	if (!equal((await sha256(body)).subarray(0, CHECK_BYTES), bytes.subarray(-CHECK_BYTES))) {
		throw new SealError('malformed');
	}
	return { secret: { epoch: readUint32(body, 1), secret: body.slice(5) }, invite: invite ?? null };
}

/** @throws RangeError when there can be no epoch after this one */
export function nextEpoch({ epoch }: RoomSecret, random: Random = secureRandom): RoomSecret {
	if (epoch >= MAX_EPOCH) throw new RangeError('there is no epoch after the last');
	return newRoomSecret(epoch + 1, random);
}
