import { readUint32, type Bytes } from './bytes.ts';

/** One signature that is to be checked: 32 bytes, any number, 64 bytes. */
export interface Signature {
	device: Bytes;
	message: Bytes;
	signature: Bytes;
}

/** What a thread that checks is told: signatures as `packSignatures` writes them. */
export interface ToChecker {
	buffer: ArrayBuffer;
}

/** For each of them in their order 1 where it is right and 0 where it is not. */
export type FromChecker = Bytes;

const DEVICE = 32;
const SIGNATURE = 64;
const HEAD = DEVICE + SIGNATURE + 4;

/** Signatures one after the other, each with its message's length before that: one piece of memory can be handed over. */
export function packSignatures(signatures: readonly Signature[]): ArrayBuffer {
	const bytes = new Uint8Array(signatures.reduce((sum, { message }) => sum + HEAD + message.length, 0));
	const view = new DataView(bytes.buffer);
	let at = 0;
	for (const { device, message, signature } of signatures) {
		bytes.set(device, at);
		bytes.set(signature, at + DEVICE);
		view.setUint32(at + DEVICE + SIGNATURE, message.length);
		bytes.set(message, at + HEAD);
		at += HEAD + message.length;
	}
	return bytes.buffer;
}

/** What was packed, as views of it. */
export function readSignatures(buffer: ArrayBuffer): Signature[] {
	const bytes = new Uint8Array(buffer);
	const signatures: Signature[] = [];
	for (let at = 0; at < bytes.length;) {
		const end = at + HEAD + readUint32(bytes, at + DEVICE + SIGNATURE);
		signatures.push({
			device: bytes.subarray(at, at + DEVICE),
			signature: bytes.subarray(at + DEVICE, at + DEVICE + SIGNATURE),
			message: bytes.subarray(at + HEAD, end)
		});
		at = end;
	}
	return signatures;
}
