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
	return [...entriesOf(bytes)].map(idOf);
}

/** One of them, by its place, without a look at the others. */
export function idAt(bytes: Uint8Array, place: number): Id | undefined {
	let left = place;
	for (const entry of entriesOf(bytes)) if (left-- === 0) return idOf(entry);
	return undefined;
}

interface Entry {
	name: Uint8Array;
	uuid: boolean;
}

function* entriesOf(bytes: Uint8Array): Generator<Entry> {
	for (let at = 0; at < bytes.length;) {
		let length = 0;
		let shift = 0;
		let byte = bytes[at++] ?? 0;
		for (; byte > 127; byte = bytes[at++] ?? 0, shift += 7) length |= (byte & 127) << shift;
		length |= byte << shift;
		const end = at + (length || 16);
		yield { name: bytes.subarray(at, end), uuid: length === 0 };
		at = end;
	}
}

function idOf({ name, uuid }: Entry): Id {
	return uuid ? uuidOf(name) : decoder.decode(name);
}

function uuidOf(bytes: Uint8Array): Id {
	const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
	return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
