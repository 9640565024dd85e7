import { concat, prefixed, readUint32, sha256, uint32, utf8, type Bytes } from './bytes.ts';
import { signBytes, type Device } from './device.ts';
import { SealError } from './errors.ts';
import { secureRandom, type EpochKey, type Random } from './keys.ts';
import { pad, unpad } from './padding.ts';
import { NO_TOOLS, type Tools } from './tools.ts';

/** Where an envelope belongs. It opens there and nowhere else (E2). */
export interface Place {
	kind: 'event' | 'signal';
	room: string;
	/** The account that sends it. */
	author: string;
	/** The event's id; for a signal its connection and count. */
	id: string;
}

/** The last envelope of a device in a room: the one before the next (C1). */
export interface Link {
	count: number;
	/** SHA-256 of the envelope. */
	hash: Bytes;
}

/** What an envelope says to whoever has no key: who signed it, and where it stands in its device's chain. */
export interface Signed {
	/** The key that signed. Whether it is a device of the author is for the room to know. */
	device: Bytes;
	epoch: number;
	/** The hash that it names as the one before it. */
	previous: Bytes;
	/** What the device's next envelope has to name. */
	link: Link;
}

export interface Opened extends Signed {
	bytes: Bytes;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const SIGNATURE_BYTES = 64;
const HASH_BYTES = 32;
const HEADER_BYTES = 1 + 4 + 32 + 4 + HASH_BYTES;
const TAG_BYTES = 16;
const LEAST_BYTES = HEADER_BYTES + NONCE_BYTES + 256 + TAG_BYTES + SIGNATURE_BYTES;
/** What a body of 65,536 characters holds. */
export const MOST_BYTES = 49_152;

const SIGNED_NAME = utf8('alcove/sign/1');
const SEALED_NAME = utf8('alcove/seal/1');

/** The link before a device's first envelope. */
export const NO_LINK: Link = { count: 0, hash: new Uint8Array(HASH_BYTES) };

/**
 * Seals bytes for a place. The caller keeps the link that comes back and hands it in with the next event;
 * an event that is sent again is the same envelope, not one sealed anew.
 * @throws RangeError when the envelope would be larger than a body may be
 */
export async function seal(
	bytes: Bytes,
	place: Place,
	key: EpochKey,
	device: Pick<Device, 'id' | 'sign'>,
	before: Link,
	random: Random = secureRandom
): Promise<{ envelope: Bytes; link: Link }> {
	const signal = place.kind === 'signal';
	const count = signal ? 0 : before.count + 1;
	const previous = signal ? NO_LINK.hash : before.hash;
	const header = concat(Uint8Array.of(VERSION), uint32(key.epoch), device.id, uint32(count), previous);
	const nonce = random(NONCE_BYTES);
	const { bound } = bind(place, header);
	const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: bound };
	const cipher = new Uint8Array(await crypto.subtle.encrypt(algorithm, key.key, pad(bytes)));
	const signature = await signBytes(device, bind(place, concat(header, nonce, cipher)).message);
	const envelope = concat(header, nonce, cipher, signature);
	if (envelope.length > MOST_BYTES) throw new RangeError('what is to be sealed is too long');
	return { envelope, link: { count, hash: await sha256(envelope) } };
}

/**
 * Opens an envelope at its place. Its form is checked first, then the signature, then it is decrypted.
 * @param keyOf the key of an epoch, or undefined where it is not known
 * @throws SealError malformed, version, epoch, signature, altered
 */
export async function open(
	envelope: Bytes,
	place: Place,
	keyOf: (epoch: number) => EpochKey | undefined,
	tools: Tools = NO_TOOLS
): Promise<Opened> {
	const { signed, bound, nonce, cipher } = await check(envelope, place, tools);
	const key = keyOf(signed.epoch);
	if (!key || key.room !== place.room) throw new SealError('epoch');
	return { ...signed, bytes: unpad(await decrypt(key, nonce, bound, cipher)) };
}

/**
 * Checks an envelope's form and signature, without its key.
 * @throws SealError malformed, version, signature
 */
export async function inspect(envelope: Bytes, place: Place, tools: Tools = NO_TOOLS): Promise<Signed> {
	return (await check(envelope, place, tools)).signed;
}

async function check(envelope: Bytes, place: Place, tools: Tools) {
	const { device, epoch, count, previous, nonce, cipher, unsigned, signature } = split(envelope);
	if ((place.kind === 'signal') !== (count === 0)) throw new SealError('malformed');
	const { message, bound } = bind(place, unsigned);
	await tools.verify(device, message, signature);
	const signed: Signed = { device, epoch, previous, link: { count, hash: await tools.hash(envelope) } };
	return { signed, bound, nonce, cipher };
}

/** Views of an envelope, not copies. @throws SealError malformed, version */
function split(envelope: Bytes) {
	if (envelope.length > 0 && envelope[0] !== VERSION) throw new SealError('version');
	if (envelope.length < LEAST_BYTES || envelope.length > MOST_BYTES) throw new SealError('malformed');
	const nonceEnd = HEADER_BYTES + NONCE_BYTES;
	return {
		epoch: readUint32(envelope, 1),
		device: envelope.subarray(5, 37),
		count: readUint32(envelope, 37),
		previous: envelope.subarray(41, HEADER_BYTES),
		nonce: envelope.subarray(HEADER_BYTES, nonceEnd),
		cipher: envelope.subarray(nonceEnd, -SIGNATURE_BYTES),
		/** What is signed beside the place. */
		unsigned: envelope.subarray(0, -SIGNATURE_BYTES),
		signature: envelope.subarray(-SIGNATURE_BYTES)
	};
}

async function decrypt({ key }: EpochKey, iv: Bytes, additionalData: Bytes, cipher: Bytes): Promise<Bytes> {
	try {
		return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, cipher));
	} catch (cause) {
		throw new SealError('altered', { cause });
	}
}

/**
 * What is signed of an envelope, and of that the part that is bound to what is encrypted. One piece of memory, of which
 * the second is a view: this is done for each event of a room.
 * @param unsigned an envelope without its signature; for the second its header is enough
 */
function bind({ kind, room, author, id }: Place, unsigned: Bytes): { message: Bytes; bound: Bytes } {
	const kindByte = Uint8Array.of(kind === 'event' ? 0 : 1);
	const place = prefixed(room, author, id);
	const message = concat(SIGNED_NAME, SEALED_NAME, kindByte, place, unsigned);
	const end = message.length - unsigned.length + HEADER_BYTES;
	return { message, bound: message.subarray(SIGNED_NAME.length, end) };
}
