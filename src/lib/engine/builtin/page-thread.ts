import type { Backend } from '../backend.ts';
import type { FromWorker } from '../protocol.ts';
import { serve } from '../serve.ts';
import type { WorkerLike } from '../thread.ts';

/**
 * A backend in the page itself, behind a worker's face: for what workers have no access to. It computes nothing here,
 * so it does not hold the page.
 */
export class PageThread implements WorkerLike {
	readonly #heard = new EventTarget();
	readonly #backend: Backend;
	readonly #inside: MessagePort;
	readonly #outside: MessagePort;

	constructor(backend: Backend) {
		const { port1, port2 } = new MessageChannel();
		this.#backend = backend;
		this.#inside = port2;
		this.#outside = port1;
		port1.onmessage = ({ data }: MessageEvent<unknown>) =>
			this.#heard.dispatchEvent(new MessageEvent('message', { data }));
		serve(
			{
				postMessage: (message: FromWorker) => port2.postMessage(message),
				addEventListener: (type, listener) => port2.addEventListener(type, listener)
			},
			backend
		);
		port2.start();
	}

	postMessage(message: unknown): void {
		this.#outside.postMessage(message);
	}

	/** Nothing but messages comes from here: it has no errors of its own. */
	addEventListener(type: string, listener: (event: never) => void): void {
		this.#heard.addEventListener(type, listener as EventListener);
	}

	terminate(): void {
		this.#inside.close();
		this.#outside.close();
		void this.#backend.unload();
	}
}
