import { WebSocket } from 'ws';
import type { ServerFrame, WireEvent } from '#lib/wire/frames.ts';
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
				resolve();
				this.#onChange();
			});
		});
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
			const id = this.#choices.id();
			this.#outbox.set(id, this.#choices.bytes(this.#choices.whole(1, 300)).toString('base64url'));
			fresh.push(id);
		}
		this.#say(fresh);
	}

	#say(ids: readonly string[]): void {
		const frames = ids.map((id) => ({ t: 'send', room: this.#room, id, body: this.#outbox.get(id) }));
		if (frames.length > 0) this.#socket?.send(JSON.stringify(frames));
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
		// what could not be stored stays in the outbox; here it is tried again at the next connection
		if (frame.t === 'nack' && frame.code === 'unknown') this.wrong.push('refused in an open room');
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
