import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * What the network does to a connection: it carries, it takes nothing on (a peer that is half open: nothing arrives
 * and nobody is told), or it is not there at all.
 */
export type Weather = 'fair' | 'silent' | 'down';

interface Pair {
	near: Socket;
	far: Socket;
}

/** A network between clients and a server on this machine, which a test can make as bad as it wants. */
export class FaultProxy {
	/** Milliseconds that each piece takes, each way. */
	delay = 0;
	#weather: Weather = 'fair';
	readonly #target: number;
	readonly #pairs = new Set<Pair>();
	readonly #server: Server;

	private constructor(target: number) {
		this.#target = target;
		this.#server = createServer((near) => this.#join(near));
	}

	/** Opens a way to a port. */
	static async to(target: number): Promise<FaultProxy> {
		const proxy = new FaultProxy(target);
		proxy.#server.listen(0, '127.0.0.1');
		await once(proxy.#server, 'listening');
		proxy.#server.unref();
		return proxy;
	}

	get origin(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	get weather(): Weather {
		return this.#weather;
	}

	/** Changes the weather; "silent" swallows what is under way, and what was swallowed does not come back. */
	set weather(weather: Weather) {
		this.#weather = weather;
		if (weather === 'down') this.cut();
	}

	/** Cuts all connections at once. */
	cut(): void {
		for (const { near, far } of this.#pairs) {
			near.resetAndDestroy();
			far.resetAndDestroy();
		}
		this.#pairs.clear();
	}

	async close(): Promise<void> {
		this.cut();
		this.#server.close();
		await once(this.#server, 'close');
	}

	#join(near: Socket): void {
		if (this.#weather === 'down') return void near.resetAndDestroy();
		const far = connect(this.#target, '127.0.0.1');
		const pair: Pair = { near, far };
		this.#pairs.add(pair);
		this.#carry(pair, near, far);
		this.#carry(pair, far, near);
	}

	#carry(pair: Pair, from: Socket, to: Socket): void {
		from.setNoDelay(true);
		let lost = false;
		const later = (work: () => void) => {
			if (this.#weather === 'silent') lost = true;
			// a stream with a hole in it would be another fault than a network has
			if (lost) return;
			if (this.delay === 0) work();
			else setTimeout(work, this.delay);
		};
		from.on('data', (data) => later(() => void to.write(data)));
		from.on('end', () => later(() => to.end()));
		// whichever side breaks, the other one is told
		from.on('error', () => later(() => void to.resetAndDestroy()));
		from.on('close', () => {
			later(() => to.end());
			// the other side may never be told, and waits to be cut
			if (pair.near.destroyed && pair.far.destroyed) this.#pairs.delete(pair);
		});
	}
}
