import type { Bus, BusMessage } from '../../../../src/server/bus/bus.ts';

/** Buses of several processes, and what is between them: it can be late, lost, or told of. */
export class Network {
	readonly #buses: NetworkBus[] = [];
	#held: { from: NetworkBus; message: BusMessage }[] | null = null;
	/** Whether what is said gets nowhere. */
	cut = false;

	enter(): NetworkBus {
		const bus = new NetworkBus((message) => this.#carry(bus, message));
		this.#buses.push(bus);
		return bus;
	}

	/** From now on what is said waits. */
	hold(): void {
		this.#held = [];
	}

	/** What waited arrives, the latest first if need be. */
	release(order: 'as said' | 'reversed'): void {
		const held = this.#held ?? [];
		this.#held = null;
		for (const { from, message } of order === 'reversed' ? held.reverse() : held) this.#carry(from, message);
	}

	#carry(from: NetworkBus, message: BusMessage): void {
		if (this.cut) return;
		if (this.#held) this.#held.push({ from, message });
		else for (const bus of this.#buses) if (bus !== from) bus.arrive(message);
	}
}

export class NetworkBus implements Bus {
	readonly #send: (message: BusMessage) => void;
	readonly #listeners = new Set<(message: BusMessage) => void>();
	readonly #gapListeners = new Set<(room: string | null) => void>();

	constructor(send: (message: BusMessage) => void) {
		this.#send = send;
	}

	publish(message: BusMessage): void {
		this.arrive(message);
		this.#send(message);
	}

	arrive(message: BusMessage): void {
		for (const listener of this.#listeners) listener(message);
	}

	subscribe(listener: (message: BusMessage) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	attend(room: string): void {
		setImmediate(() => this.gap(room));
	}

	leave(): void {
		// what comes for a room that nobody has open is not listened to
	}

	onGap(listener: (room: string | null) => void): () => void {
		this.#gapListeners.add(listener);
		return () => this.#gapListeners.delete(listener);
	}

	gap(room: string | null): void {
		for (const listener of this.#gapListeners) listener(room);
	}

	async close(): Promise<void> {
		this.#listeners.clear();
	}
}
