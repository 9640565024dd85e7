import { sha256, toBase64url, type Bytes } from './bytes.ts';
import { importDevice, verifyBytes, verifyWith } from './device.ts';

/** What one envelope's opening may share with the next one's. */
export interface Tools {
	/** SHA-256. */
	hash(bytes: Bytes): Bytes | Promise<Bytes>;
	/** Checks a device's signature. @throws SealError signature */
	verify(device: Bytes, message: Bytes, signature: Bytes): Promise<void>;
}

/** For an envelope by itself. */
export const NO_TOOLS: Tools = { hash: sha256, verify: verifyBytes };

/** Devices whose keys are kept. A room that more of them write in is read as well, but slower. */
const DEVICES = 256;

/**
 * For a whole room: a device's key is imported once, not for each of its envelopes, and a hash does not travel to
 * another thread and back, which takes longer than the hash.
 */
export async function makeTools(devices = DEVICES): Promise<Tools> {
	const { createSHA256 } = await import('hash-wasm');
	const sha = await createSHA256();
	const keys = new Map<string, Promise<CryptoKey | null>>();
	const keyOf = (device: Bytes) => {
		const name = toBase64url(device);
		const key = keys.get(name) ?? importDevice(device);
		// the one that was used last stands last
		keys.delete(name);
		keys.set(name, key);
		const [oldest] = keys.keys();
		if (keys.size > devices && oldest !== undefined) keys.delete(oldest);
		return key;
	};
	return {
		// a copy: the library may give the same memory again
		hash: (bytes) => new Uint8Array(sha.init().update(bytes).digest('binary')),
		verify: async (device, message, signature) => verifyWith(await keyOf(device), message, signature)
	};
}
