import { concat, type Bytes } from './bytes.ts';
import { SealError } from './errors.ts';

/**
 * A device of a member. Its private keys stay in it: they are not extractable, and IndexedDB stores
 * them as they are.
 */
export interface Device {
	/** Ed25519, 32 bytes: the name of the device in each envelope. */
	id: Bytes;
	sign: CryptoKey;
	/** X25519, 32 bytes: where new room secrets are sent to. */
	agreement: Bytes;
	agree: CryptoKey;
}

export async function newDevice(): Promise<Device> {
	const signing = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair;
	const agreeing = (await crypto.subtle.generateKey('X25519', false, ['deriveBits'])) as CryptoKeyPair;
	return {
		id: new Uint8Array(await crypto.subtle.exportKey('raw', signing.publicKey)),
		sign: signing.privateKey,
		agreement: new Uint8Array(await crypto.subtle.exportKey('raw', agreeing.publicKey)),
		agree: agreeing.privateKey
	};
}

export async function signBytes(device: Pick<Device, 'sign'>, message: Bytes): Promise<Bytes> {
	return new Uint8Array(await crypto.subtle.sign('Ed25519', device.sign, message));
}

/** Checks a device's signature. @throws SealError signature */
export async function verifyBytes(device: Bytes, message: Bytes, signature: Bytes): Promise<void> {
	if (!(await isSignedBy(await importDevice(device), message, signature))) throw new SealError('signature');
}

/** Whether a device has signed a message, by its imported key. */
export async function isSignedBy(key: CryptoKey | null, message: Bytes, signature: Bytes): Promise<boolean> {
	return key !== null && crypto.subtle.verify('Ed25519', key, signature, message);
}

/** @returns null for 32 bytes that are no point of the curve: nobody's key */
export function importDevice(id: Bytes): Promise<CryptoKey | null> {
	return crypto.subtle.importKey('raw', id, 'Ed25519', false, ['verify']).catch(() => null);
}

/**
 * Sixty digits for two people to compare (N1). `devices` are the ids of all devices that one of them sees
 * in the room, in any order.
 */
export async function safetyNumber(
	room: string,
	{ epoch, secret }: { epoch: number; secret: Bytes },
	devices: readonly Bytes[]
): Promise<string> {
	const text = new TextEncoder();
	const hidden = await crypto.subtle.digest('SHA-512', concat(text.encode('alcove/safety-secret/1'), secret));
	const sorted = [...devices].sort(compare);
	const head = text.encode(`alcove/safety/1 ${JSON.stringify([room, epoch, sorted.length])}`);
	const digest = await crypto.subtle.digest('SHA-512', concat(head, new Uint8Array(hidden), ...sorted));
	const view = new DataView(digest);
	const groups = Array.from({ length: 12 }, (_, index) => {
		const value = view.getUint8(index * 5) * 2 ** 32 + view.getUint32(index * 5 + 1);
		return String(value % 100_000).padStart(5, '0');
	});
	return groups.join(' ');
}

function compare(one: Bytes, other: Bytes): number {
	const at = one.findIndex((byte, index) => byte !== other[index]);
	return at === -1 ? one.length - other.length : (one[at] ?? 0) - (other[at] ?? -1);
}
