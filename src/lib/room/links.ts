import { concat, fromBase64url, toBase64url, utf8, type Bytes } from '#lib/seal/bytes.ts';
import { lockBackup, unlockBackup } from '#lib/seal/backup.ts';
import { SealError } from '#lib/seal/errors.ts';
import { parseFragment, type LinkFragment } from '#lib/seal/keys.ts';
import type { RoomKeyRow } from '#lib/history/rooms/rows.ts';
import type { RoomProblem } from './words.ts';

/** The keys of rooms: in links, and in the backup that a passphrase locks. */

const ROOM_LINK = /\/room\/([A-Za-z0-9_-]{22})\/?#(.+)$/;
const ID = /^[A-Za-z0-9_-]{22}$/;

export interface RoomLink extends LinkFragment {
	room: string;
}

/** Reads an invite link, whole or from its path on. @returns it, or what is wrong with it */
export async function readLink(link: string): Promise<RoomLink | (RoomProblem & { kind: 'bad-link' })> {
	const [, room, fragment] = ROOM_LINK.exec(link.trim()) ?? [];
	if (!room || !fragment) return { kind: 'bad-link', why: 'not-a-link' };
	try {
		return { room, ...(await parseFragment(fragment)) };
	} catch (error) {
		if (!(error instanceof SealError)) throw error;
		return { kind: 'bad-link', why: error.kind === 'version' ? 'version' : 'malformed' };
	}
}

const KEYS_VERSION = 1;

/** All keys as a file that opens by a passphrase (the seal's B1). */
export function lockKeys(keys: readonly RoomKeyRow[], passphrase: string): Promise<Bytes> {
	const told = keys.map(({ room, epoch, secret }) => [room, epoch, toBase64url(secret)]);
	return lockBackup(utf8(JSON.stringify({ v: KEYS_VERSION, keys: told })), passphrase);
}

/** @returns the keys, or what is wrong with the file or the passphrase */
export async function unlockKeys(
	file: Uint8Array,
	passphrase: string
): Promise<RoomKeyRow[] | (RoomProblem & { kind: 'bad-backup' })> {
	try {
		const bytes = await unlockBackup(concat(file), passphrase);
		return readKeys(JSON.parse(new TextDecoder().decode(bytes))) ?? { kind: 'bad-backup', why: 'malformed' };
	} catch (error) {
		if (error instanceof SyntaxError) return { kind: 'bad-backup', why: 'malformed' };
		if (!(error instanceof SealError)) throw error;
		const why = error.kind === 'passphrase' || error.kind === 'version' ? error.kind : 'malformed';
		return { kind: 'bad-backup', why };
	}
}

function readKeys(value: unknown): RoomKeyRow[] | null {
	if (typeof value !== 'object' || value === null || !('v' in value) || !('keys' in value)) return null;
	if (value.v !== KEYS_VERSION || !Array.isArray(value.keys)) return null;
	const rows = value.keys.map(readKey);
	return rows.every((row) => row !== null) ? rows : null;
}

function readKey(value: unknown): RoomKeyRow | null {
	if (!Array.isArray(value) || value.length !== 3) return null;
	const [room, epoch, secret] = value as unknown[];
	const bytes = typeof secret === 'string' ? fromBase64url(secret) : null;
	if (typeof room !== 'string' || !ID.test(room) || bytes?.length !== 32) return null;
	return Number.isSafeInteger(epoch) && (epoch as number) >= 0
		? { room, epoch: epoch as number, secret: bytes }
		: null;
}
