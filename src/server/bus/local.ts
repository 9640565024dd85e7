import type { Bus, BusMessage } from './bus.ts';

/** The bus of a server that is one process: listeners are called at once, in the order they came. */
export class LocalBus implements Bus {
	readonly #listeners = new Set<(message: BusMessage) => void>();

	publish(message: BusMessage): void {
		for (const listener of this.#listeners) listener(message);
	}

	subscribe(listener: (message: BusMessage) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	attend(): void {
		// there is nobody else to hear
	}

	leave(): void {
		// nor to hear no more
	}

	onGap(): () => void {
		// nothing is lost on the way from here to here
		return () => undefined;
	}

	async close(): Promise<void> {
		this.#listeners.clear();
	}
}
