import type { WireEvent } from '#lib/wire/frames.ts';
import { parseServerMessage } from '#lib/wire/parse.ts';
import type { Moment } from './trace.ts';

/** A frame of a WebSocket: text. */
const TEXT = 1;
const SWITCHED = 'HTTP/1.1 101 ';
const HEADER_END = '\r\n\r\n';

/** What the server told one client, as its socket was given it. */
export class Told {
	person = { id: '' };
	readonly acknowledged = new Map<string, number>();
	readonly log: WireEvent[] = [];
	readonly wrong: string[] = [];
	#bytes = Buffer.alloc(0);
	#stage: 'new' | 'http' | 'socket' = 'new';

	hear(bytes: Buffer): void {
		if (this.#stage === 'http') return;
		this.#bytes = Buffer.concat([this.#bytes, bytes]);
		if (this.#stage === 'new') this.#greet();
		if (this.#stage !== 'socket') return;
		for (let message = this.#next(); message !== null; message = this.#next()) this.#take(message);
	}

	#greet(): void {
		const text = this.#bytes.toString('latin1');
		if (!text.startsWith(SWITCHED.slice(0, text.length))) this.#stage = 'http';
		const end = text.indexOf(HEADER_END);
		if (this.#stage === 'http' || end < 0) return;
		this.#stage = 'socket';
		this.#bytes = this.#bytes.subarray(end + HEADER_END.length);
	}

	/** The next frame's content (RFC 6455, 5.2; a server's is not masked), or null when it is not complete; '' if no text. */
	#next(): string | null {
		const bytes = this.#bytes;
		if (bytes.length < 2) return null;
		const short = bytes.readUInt8(1);
		const start = short < 126 ? 2 : short === 126 ? 4 : 10;
		if (bytes.length < start) return null;
		const length =
			start === 2 ? short : start === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
		if (bytes.length < start + length) return null;
		this.#bytes = bytes.subarray(start + length);
		return (bytes.readUInt8(0) & 0xf) === TEXT ? bytes.toString('utf8', start, start + length) : '';
	}

	#take(message: string): void {
		if (message === '') return;
		const parsed = parseServerMessage(message);
		if (!parsed.ok) return void this.wrong.push(`bad message: ${parsed.fault.kind} at ${parsed.fault.at}`);
		for (const frame of parsed.frames) {
			if (frame.t === 'welcome') this.person = { id: frame.account };
			if (frame.t === 'ack') this.acknowledged.set(frame.id, frame.seq);
			if (frame.t === 'events') this.log.push(...frame.events);
		}
	}
}

/** All that a server told anybody, from its trace. */
export class Hearers {
	readonly #sockets = new Map<string, Told>();

	/** Those who were told something. */
	get all(): Told[] {
		return [...this.#sockets.values()];
	}

	/** What a socket took counts as told, from there on. */
	follow(moment: Moment): void {
		if (moment.kind !== 'end' || moment.call.kind !== 'say' || moment.result <= 0) return;
		const { socket, bytes } = moment.call;
		const told = this.#sockets.get(socket) ?? new Told();
		this.#sockets.set(socket, told);
		told.hear(bytes.subarray(0, moment.result));
	}
}
