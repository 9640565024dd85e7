import { WebSocket } from 'ws';
import { LIMITS, type NackCode, type ServerFrame, type WireEvent } from '#lib/wire/frames.ts';
import { parseServerMessage } from '#lib/wire/parse.ts';
import type { Choices } from './random.ts';
import type { Person } from './server-process.ts';

/** Events under way at once. */
const WINDOW = 24;

/**
 * A client as it should be: an outbox that only acknowledgements empty, a log that only grows by the next
 * number, and one cursor to come back with. It notes whatever the server does wrong.
 */
export class Writer {
	readonly log: WireEvent[] = [];
	/** What was acknowledged: its number by its id. */
	readonly acknowledged = new Map<string, number>();
	readonly wrong: string[] = [];
	/** How often it was told that something could not be stored. */
	refused = 0;
	readonly person: Person;
	readonly #room: string;
	readonly #choices: Choices;
	readonly #outbox = new Map<string, string>();
	#socket: WebSocket | null = null;
	#writing = true;
	#inside = false;
	#onChange: () => void = () => undefined;

	constructor(person: Person, room: string, choices: Choices) {
		this.person = person;
		this.#room = room;
		this.#choices = choices;
	}

	/** All that it ever sent or meant to send is acknowledged, and it has seen up to a number. */
	isLevel(head: number): boolean {
		return this.#outbox.size === 0 && this.log.length >= head;
	}

	/** Connects, and goes on from where it is. Resolves when the socket has closed again. */
	run(origin: string): Promise<void> {
		const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/v1/socket`, {
			perMessageDeflate: false
		});
		this.#socket = socket;
		this.#inside = false;
		socket.on('open', () => {
			const after = this.log.at(-1)?.seq ?? 0;
			const { token } = this.person;
			socket.send(
				JSON.stringify([
					{ t: 'hello', v: 1, token },
					{ t: 'open', room: this.#room, after }
				])
			);
			this.#inside = true;
			this.#say([...this.#outbox.keys()]);
			this.write();
		});
		socket.on('message', (data) => this.#hear(String(data)));
		return new Promise((resolve) => {
			// a server that is killed resets its connections
			socket.on('error', () => undefined);
			socket.on('close', () => {
				this.#inside = false;
				this.#socket = null;
				resolve();
				this.#onChange();
			});
		});
	}

	get isConnected(): boolean {
		return this.#socket !== null;
	}

	/** Writes some more events, online or not. */
	add(count: number): void {
		const ids = Array.from({ length: count }, () => this.#compose());
		if (this.#inside) this.#say(ids);
	}

	/** Sends something again that is in the log already, as a client would that lost the acknowledgement. */
	repeat(): void {
		const mine = this.log.filter(({ from }) => from === this.person.id);
		if (!this.#inside || mine.length === 0) return;
		const { id, body } = this.#choices.pick(mine);
		this.#socket?.send(JSON.stringify([{ t: 'send', room: this.#room, id, body }]));
	}

	/** Reads no more from its socket, or goes on. */
	stall(stalled: boolean): void {
		if (stalled) this.#socket?.pause();
		else this.#socket?.resume();
	}

	/** Drops the connection without a word. */
	cut(): void {
		this.#socket?.terminate();
	}

	/** Writes no more than what is in its outbox. */
	finish(): void {
		this.#writing = false;
	}

	leave(): void {
		this.#socket?.close();
	}

	/** Calls back whenever something happened. */
	onChange(listener: () => void): void {
		this.#onChange = listener;
	}

	/** Fills the window: each event is in the outbox before it is sent. */
	write(): void {
		if (!this.#inside || !this.#writing) return;
		const fresh: string[] = [];
		while (this.#outbox.size < WINDOW) {
			fresh.push(this.#compose());
		}
		this.#say(fresh);
	}

	#compose(): string {
		const id = this.#choices.id();
		this.#outbox.set(id, this.#choices.bytes(this.#choices.whole(1, 300)).toString('base64url'));
		return id;
	}

	#say(ids: readonly string[]): void {
		for (let from = 0; from < ids.length; from += LIMITS.framesPerMessage) {
			const part = ids.slice(from, from + LIMITS.framesPerMessage);
			const frames = part.map((id) => ({ t: 'send', room: this.#room, id, body: this.#outbox.get(id) }));
			this.#socket?.send(JSON.stringify(frames));
		}
	}

	#hear(message: string): void {
		const parsed = parseServerMessage(message);
		if (!parsed.ok) this.wrong.push(`bad message: ${parsed.fault.kind} at ${parsed.fault.at}`);
		else for (const frame of parsed.frames) this.#take(frame);
		this.write();
		this.#onChange();
	}

	#take(frame: ServerFrame): void {
		if (frame.t === 'events') for (const event of frame.events) this.#takeEvent(event);
		if (frame.t === 'ack') this.#takeAck(frame.id, frame.seq);
		if (frame.t === 'nack') this.#takeNack(frame.id, frame.code, frame.wait);
	}

	/** What could not be stored stays in the outbox, and is sent again (S5). */
	#takeNack(id: string, code: NackCode, wait: number): void {
		this.refused++;
		if (code === 'unknown') this.wrong.push('refused in an open room');
		setTimeout(() => {
			if (this.#inside && this.#outbox.has(id)) this.#say([id]);
		}, wait);
	}

	#takeEvent(event: WireEvent): void {
		const expected = this.log.length + 1;
		if (event.seq === expected) this.log.push(event);
		else this.wrong.push(`event ${event.seq} came where ${expected} was due`);
	}

	#takeAck(id: string, seq: number): void {
		const before = this.acknowledged.get(id);
		if (before !== undefined && before !== seq) this.wrong.push(`${id} was ${before}, then ${seq}`);
		this.acknowledged.set(id, seq);
		this.#outbox.delete(id);
	}
}

/** How many events of theirs were acknowledged. */
export function acknowledgedBy(writers: readonly Writer[]): number {
	return writers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
}

/** How often they were told that something could not be stored. */
export function refusedBy(writers: readonly Writer[]): number {
	return writers.reduce((sum, { refused }) => sum + refused, 0);
}

/** Resolves when `done` says so; it is asked whenever one of the writers heard something. */
export function when(writers: readonly Writer[], done: () => boolean): Promise<void> {
	return new Promise((resolve) => {
		const look = () => {
			if (done()) resolve();
		};
		for (const writer of writers) writer.onChange(look);
		look();
	});
}
