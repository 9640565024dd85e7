import { ask } from './ask.ts';
import type { Ledger, Outcome, Why } from './ledger.ts';
import { forbid, isForbidden, NoNetworkError, REFUSED } from './no-network.ts';

export interface NetworkEnvironment {
	caches: CacheStorage;
	/** Undefined where there are no service workers. */
	container: ServiceWorkerContainer | undefined;
	/** The app's base URL, absolute, ending in "/". */
	base: string;
	ledger: Ledger;
	/** Tells the other tabs that the switch was turned, and hears it of them. */
	tabs: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>;
	fetch: typeof globalThis.fetch;
	/** Resolves when the app is kept on the device, or when it is known that it cannot be. */
	ready: Promise<void>;
	now(): number;
}

/** Milliseconds after which a service worker of an earlier version is not waited for any longer. */
const PATIENCE = 3_000;

/** The page's way out: whatever it asks of a network goes through here, is noted, and ends when it is forbidden. */
export class Network {
	#forbidden = $state.raw(false);
	#open = new AbortController();
	readonly #env: NetworkEnvironment;
	readonly #listeners = new Set<(forbidden: boolean) => void>();

	constructor(env: NetworkEnvironment) {
		this.#env = env;
		env.tabs.addEventListener('message', () => void this.read());
	}

	/** Whether the person has forbidden the network. */
	get forbidden(): boolean {
		return this.#forbidden;
	}

	/** @returns the function that ends it */
	onChange(listener: (forbidden: boolean) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Reads the switch. */
	async read(): Promise<void> {
		const { caches, base } = this.#env;
		const forbidden = await isForbidden(caches, base);
		if (forbidden === this.#forbidden) return;
		this.#forbidden = forbidden;
		if (forbidden) this.#open.abort(new NoNetworkError());
		else this.#open = new AbortController();
		for (const listener of this.#listeners) listener(forbidden);
	}

	/**
	 * Turns the switch, in all tabs. What is under way ends; but first all of the app is fetched, or it could not be
	 * opened any more without a network. @throws DOMException where there is no storage
	 */
	async forbid(on: boolean): Promise<void> {
		const { caches, base, container, tabs, ready } = this.#env;
		if (on) await ready;
		await forbid(caches, base, on);
		const worker = container?.controller ?? (await container?.getRegistration())?.active;
		if (worker) await this.#inTime(ask(worker, { type: 'NETWORK' }));
		tabs.postMessage('turned');
		await this.read();
	}

	/**
	 * `fetch` that asks whether it may. It rejects with a NoNetworkError where it may not.
	 * @param why undefined for what the service worker fetches, and notes
	 */
	fetch(why?: Why): typeof globalThis.fetch {
		return async (input, init) => {
			const url = this.#absolute(input);
			await this.#ask(url, why !== undefined);
			const over = why && this.note(url, why, init?.method);
			const sent = typeof init?.body === 'string' ? new TextEncoder().encode(init.body).length : 0;
			try {
				const response = await this.#send(input, init);
				const length = response.headers.get('content-length');
				over?.({ status: response.status, sent, ...(length === null ? {} : { received: Number(length) }) });
				return response;
			} catch (error) {
				over?.({ status: 0, sent });
				throw error;
			}
		};
	}

	/** The same for who notes each request itself, by `note`. */
	readonly quietFetch: typeof globalThis.fetch = async (input, init) => {
		await this.#ask(this.#absolute(input), true);
		return this.#send(input, init);
	};

	/** Notes a request. @returns notes how it ended */
	note(url: string, why: Why, method = 'GET'): (outcome: Outcome) => void {
		const { ledger, now } = this.#env;
		const noted = ledger.add({ at: now(), method, url, why });
		return (outcome) => void noted.then((id) => ledger.close(id, outcome)).catch(unnoted);
	}

	/** A socket whose bytes are counted; while the network is forbidden nobody asks for one. */
	socket(url: URL): WebSocket {
		const socket = new WebSocket(url);
		const over = this.note(url.href, 'socket', 'CONNECT');
		let received = 0;
		let sent = 0;
		const send = socket.send.bind(socket);
		socket.send = (data) => {
			sent += sizeOf(data);
			send(data);
		};
		socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => (received += sizeOf(data)));
		socket.addEventListener('close', () => over({ sent, received }));
		return socket;
	}

	#absolute(input: RequestInfo | URL): string {
		return new URL(input instanceof Request ? input.url : input, this.#env.base).href;
	}

	/** @throws NoNetworkError */
	async #ask(url: string, announced: boolean): Promise<void> {
		const { container, caches, base } = this.#env;
		const worker = container?.controller;
		const request = announced ? ({ type: 'MAY_LEAVE', url } as const) : ({ type: 'MAY_LEAVE' } as const);
		const answer = worker && (await this.#inTime(ask(worker, request)));
		const may = typeof answer === 'boolean' ? answer : !(await isForbidden(caches, base));
		if (!may) throw new NoNetworkError();
	}

	async #send(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
		const signals = [this.#open.signal, ...(init.signal ? [init.signal] : [])];
		const response = await this.#env.fetch(input, { ...init, signal: AbortSignal.any(signals) });
		if (response.headers.has(REFUSED)) throw new NoNetworkError();
		return response;
	}

	#inTime(answer: Promise<unknown>): Promise<unknown> {
		return Promise.race([answer, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
	}
}

/** What cannot be noted is done all the same: the record is for the person, and no condition. */
function unnoted(error: unknown): void {
	console.info('A request could not be noted:', error);
}

function sizeOf(data: unknown): number {
	if (typeof data === 'string') return new TextEncoder().encode(data).length;
	if (data instanceof Blob) return data.size;
	return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data.byteLength : 0;
}
