/** Bytes that own their memory, as WebCrypto wants them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

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

/** A text with its length before it, so that two texts cannot be cut elsewhere. At most 65,535 bytes. */
export function prefixed(text: string): Bytes {
	const bytes = utf8(text);
	if (bytes.length > 0xffff) throw new RangeError('a bound text is too long');
	return concat(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}

/** Whether two byte strings are the same. For public values: it stops at the first difference. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
	return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

export function toBase64url(bytes: Uint8Array): string {
	let binary = '';
	for (let at = 0; at < bytes.length; at += 8_192)
		binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
	return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @returns null for what is not base64url without padding in its one canonical form */
export function fromBase64url(text: string): Bytes | null {
	if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
	const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
	const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
	return toBase64url(bytes) === text ? bytes : null;
}

/** @returns the SHA-256 of bytes */
export async function sha256(bytes: Bytes): Promise<Bytes> {
	return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
