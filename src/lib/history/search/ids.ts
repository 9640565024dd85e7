/**
 * The ids of messages, one after the other: a UUID, which nearly all are, as a zero and its 16 bytes; any other as its
 * length in bytes (seven bits at a time, the lowest first, the highest bit saying that more follow) and its UTF-8.
 */
import type { Id } from '#lib/message/message.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param ids none empty */
export function packIds(ids: readonly Id[]): Uint8Array {
	const bytes: number[] = [];
	for (const id of ids)
		if (UUID.test(id)) {
			const digits = id.replaceAll('-', '');
			bytes.push(0);
			for (let at = 0; at < 32; at += 2) bytes.push(parseInt(digits.slice(at, at + 2), 16));
		} else {
			const name = encoder.encode(id);
			let length = name.length;
			for (; length > 127; length >>>= 7) bytes.push((length & 127) | 128);
			bytes.push(length);
			for (const byte of name) bytes.push(byte);
		}
	return Uint8Array.from(bytes);
}

export function unpackIds(bytes: Uint8Array): Id[] {
	const ids: Id[] = [];
	for (let at = 0; at < bytes.length; at = entry.end) {
		readEntry(bytes, at);
		ids.push(idOf(bytes));
	}
	return ids;
}

/** One of them, by its place, without a look at the others. */
export function idAt(bytes: Uint8Array, place: number): Id | undefined {
	let at = 0;
	for (let left = place; left > 0 && at < bytes.length; left--) {
		readEntry(bytes, at);
		at = entry.end;
	}
	if (at >= bytes.length) return undefined;
	readEntry(bytes, at);
	return idOf(bytes);
}

/** What was read last: thousands are passed over for a key stroke, so none is made anew. */
const entry = { uuid: false, start: 0, end: 0 };

function readEntry(bytes: Uint8Array, from: number): void {
	let at = from;
	let length = 0;
	let shift = 0;
	let byte = bytes[at++] ?? 0;
	for (; byte > 127; byte = bytes[at++] ?? 0, shift += 7) length |= (byte & 127) << shift;
	length |= byte << shift;
	entry.uuid = length === 0;
	entry.start = at;
	entry.end = at + (length || 16);
}

function idOf(bytes: Uint8Array): Id {
	const name = bytes.subarray(entry.start, entry.end);
	return entry.uuid ? uuidOf(name) : decoder.decode(name);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function uuidOf(bytes: Uint8Array): Id {
	let digits = '';
	for (const byte of bytes) digits += HEX[byte] ?? '';
	return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
