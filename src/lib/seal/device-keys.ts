import { toBase64url, type Bytes } from './bytes.ts';
import { importDevice, isSignedBy } from './device.ts';

/** Says whether a device has signed a message. */
export type Check = (device: Bytes, message: Bytes, signature: Bytes) => Promise<boolean>;

/** Devices whose keys are kept. A room that more of them write in is read as well, but slower. */
const DEVICES = 256;

/** Imports a device's key once, not for each of its envelopes. */
export class DeviceKeys {
	readonly #most: number;
	readonly #keys = new Map<string, Promise<CryptoKey | null>>();

	constructor(most = DEVICES) {
		this.#most = most;
	}

	readonly check: Check = async (device, message, signature) =>
		isSignedBy(await this.#keyOf(device), message, signature);

	#keyOf(device: Bytes): Promise<CryptoKey | null> {
		const name = toBase64url(device);
		const key = this.#keys.get(name) ?? importDevice(device);
		// the one that was used last stands last
		this.#keys.delete(name);
		this.#keys.set(name, key);
		const [oldest] = this.#keys.keys();
		if (this.#keys.size > this.#most && oldest !== undefined) this.#keys.delete(oldest);
		return key;
	}
}
