/** Bytes that own their memory, as WebCrypto wants them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const DIGITS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
/** Two digits for each twelve bits. */
const PAIRS = DIGITS.flatMap((one) => DIGITS.map((other) => one + other));
const VALUES = new Int8Array(128).fill(-1);
for (const [value, digit] of DIGITS.entries()) VALUES[digit.charCodeAt(0)] = value;

export function utf8(text: string): Bytes {
	return encoder.encode(text);
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
	const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/** A number in four bytes, big-endian. */
export function uint32(value: number): Bytes {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value);
	return bytes;
}

/** Four bytes at a place as a number. The caller has checked that they are there. */
export function readUint32(bytes: Bytes, at: number): number {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
}

/** Texts with their lengths before them, so that they cannot be cut elsewhere. Each at most 65,535 bytes. */
export function prefixed(...texts: readonly string[]): Bytes {
	// a UTF-16 unit is at most three bytes
	const room = new Uint8Array(texts.reduce((sum, { length }) => sum + 2 + 3 * length, 0));
	let at = 0;
	for (const text of texts) {
		const written = write(text, room, at + 2);
		if (written > 0xffff) throw new RangeError('a bound text is too long');
		room[at] = written >> 8;
		room[at + 1] = written & 0xff;
		at += 2 + written;
	}
	return room.subarray(0, at);
}

/** Ids are short and ASCII, and the way to the encoder is long. @returns how many bytes the text is */
function write(text: string, into: Uint8Array, at: number): number {
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (code > 0x7f) return encoder.encodeInto(text, into.subarray(at)).written;
		into[at + index] = code;
	}
	return text.length;
}

/** Whether two byte strings are the same. For public values: it stops at the first difference. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
	if (one.length !== other.length) return false;
	for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
	return true;
}

/** By hand: each event of a room passes here, and the detour over btoa took a quarter of the time of reading a room. */
export function toBase64url(bytes: Uint8Array): string {
	const over = bytes.length % 3;
	let text = '';
	let at = 0;
	for (; at < bytes.length - over; at += 3) {
		const held = (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2);
		text += `${PAIRS[held >> 12] ?? ''}${PAIRS[held & 0xfff] ?? ''}`;
	}
	if (over === 1) return text + (PAIRS[byteAt(bytes, at) << 4] ?? '');
	if (over === 0) return text;
	const held = (byteAt(bytes, at) << 10) | (byteAt(bytes, at + 1) << 2);
	return `${text}${PAIRS[held >> 6] ?? ''}${DIGITS[held & 0x3f] ?? ''}`;
}

function byteAt(bytes: Uint8Array, at: number): number {
	return bytes[at] ?? 0;
}

/** @returns null for what is not base64url without padding in its one canonical form */
export function fromBase64url(text: string): Bytes | null {
	const { length } = text;
	const over = length % 4;
	if (over === 1) return null;
	const bytes = new Uint8Array(Math.floor((length * 3) / 4));
	// one bad character makes this negative, and nothing after it does otherwise
	let seen = 0;
	let at = 0;
	let index = 0;
	for (; index < length - over; index += 4) {
		const held =
			(valueAt(text, index) << 18) |
			(valueAt(text, index + 1) << 12) |
			(valueAt(text, index + 2) << 6) |
			valueAt(text, index + 3);
		seen |= held;
		bytes[at++] = held >> 16;
		bytes[at++] = held >> 8;
		bytes[at++] = held;
	}
	if (over > 0) {
		const last = over === 3 ? valueAt(text, index + 2) : 0;
		const held = (valueAt(text, index) << 18) | (valueAt(text, index + 1) << 12) | (last << 6);
		bytes[at++] = held >> 16;
		if (over === 3) bytes[at] = held >> 8;
		// bits that no byte has must be 0, or two texts would be the same bytes
		if ((held & (over === 3 ? 0xff : 0xffff)) !== 0) return null;
		seen |= held;
	}
	return seen < 0 ? null : bytes;
}

/** @returns -1 for what is no digit */
function valueAt(text: string, index: number): number {
	return VALUES[text.charCodeAt(index)] ?? -1;
}

/** @returns the SHA-256 of bytes */
export async function sha256(bytes: Bytes): Promise<Bytes> {
	return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
