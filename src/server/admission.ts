import type { IncomingMessage } from 'node:http';

export interface AdmissionLimits {
	connections: number;
	connectionsPerAddress: number;
	/** Connections that have not said hello. */
	strangers: number;
}

/** Counts who is connected, and says who may not come in (H5, L5). */
export class Admission {
	readonly #path: string;
	readonly #origins: ReadonlySet<string>;
	readonly #limits: AdmissionLimits;
	readonly #byAddress = new Map<string, number>();
	#connections = 0;
	#strangers = 0;

	constructor(path: string, origins: ReadonlySet<string>, limits: AdmissionLimits) {
		this.#path = path;
		this.#origins = origins;
		this.#limits = limits;
	}

	get connections(): number {
		return this.#connections;
	}

	/** @returns the status that a handshake is refused with, or null. A program has no origin, a page always has one. */
	refusal({ url, headers }: IncomingMessage, address: string): string | null {
		const { connections, connectionsPerAddress, strangers } = this.#limits;
		if (url !== this.#path) return '404 Not Found';
		if (headers.origin !== undefined && !this.#origins.has(headers.origin)) return '403 Forbidden';
		if ((this.#byAddress.get(address) ?? 0) >= connectionsPerAddress) return '429 Too Many Requests';
		const full = this.#connections >= connections || this.#strangers >= strangers;
		return full ? '503 Service Unavailable' : null;
	}

	/** Somebody came, and is a stranger. */
	enter(address: string): void {
		this.#connections++;
		this.#strangers++;
		this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
	}

	/** A stranger said hello, or was shown out. */
	known(): void {
		this.#strangers--;
	}

	leave(address: string): void {
		this.#connections--;
		const left = (this.#byAddress.get(address) ?? 1) - 1;
		if (left > 0) this.#byAddress.set(address, left);
		else this.#byAddress.delete(address);
	}
}
