import { concat, prefixed, uint32, utf8, type Bytes } from './bytes.ts';
import type { Device } from './device.ts';
import { SealError } from './errors.ts';
import type { RoomSecret } from './keys.ts';

const KEY_BYTES = 32;
const WRAPPED_BYTES = KEY_BYTES + KEY_BYTES + 16;
/** Each wrap has a key of its own, used once. */
const ONLY_NONCE = new Uint8Array(12);

/**
 * Wraps a new epoch's secret for one device (K3), to be sent inside a sealed event.
 * @param agreement the device's X25519 key
 * @throws SealError malformed when the key is none
 */
export async function wrapSecret(room: string, secret: RoomSecret, agreement: Bytes): Promise<Bytes> {
	const own = (await crypto.subtle.generateKey('X25519', false, ['deriveBits'])) as CryptoKeyPair;
	const ephemeral = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey));
	const key = await sharedKey(own.privateKey, agreement, ephemeral, agreement);
	const algorithm = { name: 'AES-GCM', iv: ONLY_NONCE, additionalData: bound(room, secret.epoch) };
	return concat(ephemeral, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, secret.secret)));
}

/** @throws SealError malformed, altered (also when it was wrapped for another device, room or epoch) */
export async function unwrapSecret(
	room: string,
	epoch: number,
	wrapped: Bytes,
	device: Pick<Device, 'agree' | 'agreement'>
): Promise<RoomSecret> {
	if (wrapped.length !== WRAPPED_BYTES) throw new SealError('malformed');
	const ephemeral = wrapped.slice(0, KEY_BYTES);
	const key = await sharedKey(device.agree, ephemeral, ephemeral, device.agreement);
	const algorithm = { name: 'AES-GCM', iv: ONLY_NONCE, additionalData: bound(room, epoch) };
	try {
		const secret = new Uint8Array(await crypto.subtle.decrypt(algorithm, key, wrapped.slice(KEY_BYTES)));
		return { epoch, secret };
	} catch (cause) {
		throw new SealError('altered', { cause });
	}
}

async function sharedKey(
	own: CryptoKey,
	theirs: Bytes,
	ephemeral: Bytes,
	agreement: Bytes
): Promise<CryptoKey> {
	const shared = await agree(own, theirs);
	const base = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
	const salt = concat(ephemeral, agreement);
	return crypto.subtle.deriveKey(
		{ name: 'HKDF', hash: 'SHA-256', salt, info: utf8('alcove/wrap/1') },
		base,
		{ name: 'AES-GCM', length: 256 },
		false,
		['encrypt', 'decrypt']
	);
}

/** A key that makes the shared secret known to all is refused by WebCrypto itself. */
async function agree(own: CryptoKey, theirs: Bytes): Promise<ArrayBuffer> {
	try {
		const key = await crypto.subtle.importKey('raw', theirs, 'X25519', false, []);
		return await crypto.subtle.deriveBits({ name: 'X25519', public: key }, own, 256);
	} catch (cause) {
		throw new SealError('malformed', { cause });
	}
}

function bound(room: string, epoch: number): Bytes {
	return concat(utf8('alcove/wrap/1'), prefixed(room), uint32(epoch));
}
