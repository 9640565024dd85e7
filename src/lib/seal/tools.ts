import { sha256, type Bytes } from './bytes.ts';
import { verifyBytes } from './device.ts';
import { DeviceKeys, type Check } from './device-keys.ts';
import { SealError } from './errors.ts';

/** What one envelope's opening may share with the next one's. */
export interface Tools {
	/** SHA-256. */
	hash(bytes: Bytes): Bytes | Promise<Bytes>;
	/** Checks a device's signature. @throws SealError signature */
	verify(device: Bytes, message: Bytes, signature: Bytes): Promise<void>;
}

/** For an envelope by itself. */
export const NO_TOOLS: Tools = { hash: sha256, verify: verifyBytes };

/**
 * For a whole room: a hash does not travel to another thread and back, which takes longer than the hash.
 * @param check by default here, with a device's key imported once, not for each of its envelopes
 */
export async function makeTools(check: Check = new DeviceKeys().check): Promise<Tools> {
	const { createSHA256 } = await import('hash-wasm');
	const sha = await createSHA256();
	return {
		// a copy: the library may give the same memory again
		hash: (bytes) => new Uint8Array(sha.init().update(bytes).digest('binary')),
		async verify(device, message, signature) {
			if (!(await check(device, message, signature))) throw new SealError('signature');
		}
	};
}
