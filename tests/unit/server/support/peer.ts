import { randomBytes } from 'node:crypto';
import { WebSocket, type ClientOptions } from 'ws';
import type { ClientFrame, ServerFrame, WireEvent } from '#lib/wire/frames.ts';
import { parseServerMessage } from '#lib/wire/parse.ts';

type FrameOf<T extends ServerFrame['t']> = Extract<ServerFrame, { t: T }>;

/** 128 random bits, as a client names what it sends. */
export const newId = (): string => randomBytes(16).toString('base64url');

/** Bytes in base64url, as a sealed body looks from outside. */
export const bodyOf = (text: string): string => Buffer.from(text).toString('base64url');

/** One device's connection, on a real socket. It keeps all it was told, and each message is parsed strictly. */
export class Peer {
	readonly socket: WebSocket;
	readonly frames: ServerFrame[] = [];
	/** How many messages the frames came in. */
	messages = 0;
	/** Resolves with the close code. */
	readonly closed: Promise<number>;
	#waiting: (() => void)[] = [];
	#seen = 0;
	#code: number | null = null;

	constructor(origin: string, options: ClientOptions = {}) {
		this.socket = new WebSocket(`${origin.replace('http', 'ws')}/api/v1/socket`, {
			perMessageDeflate: false,
			...options
		});
		this.closed = new Promise((resolve, reject) => {
			this.socket.on('close', (code) => {
				this.#code = code;
				resolve(code);
				this.#wake();
			});
			this.socket.on('error', (error) => {
				if (this.socket.readyState !== WebSocket.OPEN) reject(error);
			});
		});
		// whoever cares for it looks at `closed` itself
		this.closed.catch(() => this.#wake());
		this.socket.on('message', (data) => {
			this.messages++;
			const parsed = parseServerMessage(String(data));
			if (!parsed.ok)
				throw new Error(`the server said something bad: ${parsed.fault.kind} at ${parsed.fault.at}`);
			this.frames.push(...parsed.frames);
			this.#wake();
		});
	}

	/** Connects, and sends a hello with what follows it in the same message. */
	static async enter(origin: string, token: string, ...frames: ClientFrame[]): Promise<Peer> {
		const peer = new Peer(origin);
		await peer.opened();
		peer.say({ t: 'hello', v: 1, token }, ...frames);
		await peer.next('welcome');
		return peer;
	}

	opened(): Promise<void> {
		return new Promise((resolve, reject) => {
			this.socket.once('open', resolve);
			this.socket.once('error', reject);
		});
	}

	/** @param frames sent as one message */
	say(...frames: ClientFrame[]): void {
		this.socket.send(JSON.stringify(frames));
	}

	/** The next frame of a kind that was not yet given out; those before it are passed over. */
	async next<T extends ServerFrame['t']>(
		t: T,
		where: (frame: FrameOf<T>) => boolean = () => true
	): Promise<FrameOf<T>> {
		for (;;) {
			while (this.#seen < this.frames.length) {
				const frame = this.frames[this.#seen++];
				if (frame && isKind(frame, t) && where(frame)) return frame;
			}
			if (this.#code !== null) throw new Error(`closed with ${this.#code} before "${t}" came`);
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		}
	}

	/** Resolves when the server has done all that was said before. */
	async level(): Promise<void> {
		const n = Math.floor(Math.random() * 1e9);
		this.say({ t: 'ping', n });
		await this.until(() => this.frames.some((frame) => frame.t === 'pong' && frame.n === n));
	}

	async until(done: () => boolean): Promise<void> {
		while (!done()) {
			if (this.#code !== null) throw new Error(`closed with ${this.#code} while it was waited for`);
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		}
	}

	of<T extends ServerFrame['t']>(t: T): FrameOf<T>[] {
		return this.frames.filter((frame): frame is FrameOf<T> => isKind(frame, t));
	}

	/** All events of a room in the order they came. */
	events(room: string): WireEvent[] {
		return this.of('events').flatMap((frame) => (frame.room === room ? frame.events : []));
	}

	async leave(): Promise<void> {
		this.socket.close();
		await this.closed;
	}

	#wake(): void {
		for (const resolve of this.#waiting.splice(0)) resolve();
	}
}

function isKind<T extends ServerFrame['t']>(frame: ServerFrame, t: T): frame is FrameOf<T> {
	return frame.t === t;
}
