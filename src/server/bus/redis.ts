import { createClient } from '@redis/client';
import type { WireId } from '#lib/wire/frames.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import { newId } from '../random.ts';
import type { Bus, BusMessage } from './bus.ts';
import { parsePacket } from './packet.ts';

/** Milliseconds between two tries to reach Redis: doubled up to the last, and spread by as much again. */
const RETRY = { first: 50, last: 2_000 } as const;

/** Milliseconds between two signs of life. */
const PING = 5_000;

const EVERYBODY = 'alcove:everybody';
const channelOf = (room: WireId) => `alcove:room:${room}`;

type Client = ReturnType<typeof connect>;

/**
 * Fan-out over Redis' publish and subscribe. While Redis is away this process goes on for its own clients; what
 * the others say meanwhile is lost, and `onGap` tells so once it is back.
 */
export class RedisBus implements Bus {
	readonly #publisher: Client;
	readonly #subscriber: Client;
	readonly #process = newId();
	readonly #logger: Logger;
	readonly #listeners = new Set<(message: BusMessage) => void>();
	readonly #gapListeners = new Set<(room: WireId | null) => void>();
	/** Channels that are to be heard; false until Redis has said so. */
	readonly #channels = new Map<string, boolean>([[EVERYBODY, false]]);
	readonly #counted;
	/** What this turn said, by channel. */
	#saying = new Map<string, BusMessage[]>();
	#isWell = true;

	private constructor(url: string, logger: Logger, metrics: Metrics) {
		this.#logger = logger;
		this.#publisher = connect(url);
		this.#subscriber = connect(url);
		for (const client of [this.#publisher, this.#subscriber]) {
			client.on('error', (error: unknown) => this.#isAway(error));
		}
		this.#subscriber.on('ready', () => this.#isBack());
		metrics.gauge('alcove_bus_connected', 'Whether this process hears the others.', () =>
			this.#subscriber.isReady ? 1 : 0
		);
		this.#counted = {
			lost: metrics.counter('alcove_bus_lost_total', 'Packets that could not be told to others.'),
			refused: metrics.counter('alcove_bus_refused_total', 'Packets of others that are none of ours.')
		};
	}

	/** Resolves at once: a Redis that is away now is one that may come back. @param url `redis://…` or `rediss://…` */
	static open(url: string, logger: Logger, metrics: Metrics): RedisBus {
		const bus = new RedisBus(url, logger, metrics);
		const failed = (error: unknown) => bus.#isAway(error);
		bus.#publisher.connect().catch(failed);
		bus.#subscriber.connect().catch(failed);
		return bus;
	}

	publish(message: BusMessage): void {
		for (const listener of this.#listeners) listener(message);
		const channel = message.kind === 'revoked' ? EVERYBODY : channelOf(message.room);
		if (this.#saying.size === 0) setImmediate(() => this.#tell());
		const said = this.#saying.get(channel);
		if (said) said.push(message);
		else this.#saying.set(channel, [message]);
	}

	subscribe(listener: (message: BusMessage) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	attend(room: WireId): void {
		this.#channels.set(channelOf(room), false);
		this.#hear(channelOf(room), room);
	}

	leave(room: WireId): void {
		this.#channels.delete(channelOf(room));
		this.#subscriber.unsubscribe(channelOf(room)).catch((error: unknown) => this.#isAway(error));
	}

	onGap(listener: (room: WireId | null) => void): () => void {
		this.#gapListeners.add(listener);
		return () => this.#gapListeners.delete(listener);
	}

	async close(): Promise<void> {
		this.#listeners.clear();
		this.#gapListeners.clear();
		this.#tell();
		if (this.#publisher.isReady) await this.#publisher.ping().catch(() => undefined);
		for (const client of [this.#publisher, this.#subscriber]) if (client.isOpen) client.destroy();
	}

	/** @param gap what may have been missed until now */
	#hear(channel: string, gap: WireId | null): void {
		const subscriber = this.#subscriber;
		// what cannot be asked for now is asked for once Redis is there
		if (!subscriber.isReady) return;
		subscriber.subscribe(channel, this.#take).then(
			() => {
				if (!this.#channels.has(channel)) return;
				this.#channels.set(channel, true);
				this.#gap(gap);
			},
			(error: unknown) => this.#isAway(error)
		);
	}

	readonly #take = (text: string): void => {
		const packet = parsePacket(text);
		if (!packet) return this.#counted.refused.add();
		if (packet.process === this.#process) return;
		for (const message of packet.messages) {
			// a room that was left meanwhile
			if (message.kind !== 'revoked' && !this.#channels.has(channelOf(message.room))) continue;
			for (const listener of this.#listeners) listener(message);
		}
	};

	#tell(): void {
		const saying = this.#saying;
		this.#saying = new Map();
		for (const [channel, messages] of saying) {
			const packet = JSON.stringify({ process: this.#process, messages });
			this.#publisher.publish(channel, packet).catch((error: unknown) => {
				this.#counted.lost.add();
				this.#isAway(error);
			});
		}
	}

	#gap(room: WireId | null): void {
		for (const listener of this.#gapListeners) listener(room);
	}

	#isAway(error: unknown): void {
		if (!this.#isWell) return;
		this.#isWell = false;
		this.#logger.warn('bus is away', { error });
	}

	/** What was heard before is heard again by the client's own doing; the rest is asked for here. */
	#isBack(): void {
		for (const [channel, heard] of this.#channels) if (!heard) this.#hear(channel, null);
		if (this.#isWell) return;
		this.#isWell = true;
		this.#logger.info('bus is back');
		this.#gap(null);
	}
}

/** What is said while Redis is away is dropped, not kept: it is a hint that would come too late. */
function connect(url: string) {
	return createClient({
		url,
		disableOfflineQueue: true,
		disableClientInfo: true,
		// a connection that only looks alive is found out
		pingInterval: PING,
		socket: {
			connectTimeout: 3 * PING,
			socketTimeout: 3 * PING,
			reconnectStrategy: (retries) => Math.min(RETRY.first * 2 ** retries, RETRY.last) * (1 + Math.random())
		}
	});
}
