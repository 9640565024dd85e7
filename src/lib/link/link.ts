import { LIMITS, WIRE_VERSION, type ClientFrame, type ServerFrame, type WireId } from '#lib/wire/frames.ts';
import { parseServerMessage } from '#lib/wire/parse.ts';
import { backoff } from './backoff.ts';

/** What a link uses of a WebSocket: the browser's, or Node's. */
export interface Socket {
	readonly bufferedAmount: number;
	send(message: string): void;
	close(): void;
	addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
	addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

/** Time, handed in. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Calls `work` once after some milliseconds; the answer calls it off. */
	after(milliseconds: number, work: () => void): () => void;
}

export interface LinkEnvironment {
	/** Opens a socket to the server. */
	connect(): Socket;
	/** Whether the person has forbidden the network; when that changes the link is nudged. */
	forbidden?(): boolean;
	clock: Clock;
	/** A number in [0, 1). */
	random(): number;
	token: string;
}

/** Why a connection ended, or did not come about. */
export type LossWhy =
	/** The socket closed, or never opened. */
	| 'closed'
	/** It did not open, or nobody said welcome, in time. */
	| 'no-answer'
	/** Nothing was heard for too long, not even the answer to a ping. */
	| 'silent'
	/** The server said something that is not of the protocol (F3). */
	| 'bad-message'
	/** The server stops, restarts, or found a fault in what was said. */
	| 'told-to';

export type LinkState =
	| { kind: 'connecting'; tries: number }
	| { kind: 'on'; account: WireId; connection: WireId }
	/** It is tried again at `retryAt`. */
	| { kind: 'waiting'; why: LossWhy; tries: number; retryAt: number }
	/** Trying again would not help: the token is not good any more, or the server speaks another version. */
	| { kind: 'refused'; why: 'token' | 'version' }
	/** Nothing is tried until a nudge finds the network allowed. */
	| { kind: 'forbidden' }
	| { kind: 'closed' };

export interface LinkListener {
	state(state: LinkState): void;
	/** One message's frames, in their order. `welcome`, `pong` and `fault` are the link's own. */
	frames(frames: readonly ServerFrame[]): void;
}

/** Milliseconds for a connection to open and be welcomed. */
const GREETING = 10_000;
/** Milliseconds of silence after which the server is asked whether it is there, and for its answer. */
const SILENCE = 15_000;
const ANSWER = 10_000;
/** A connection that lived this long was a good one: the next failure is a first one. */
const PROVEN = 10_000;
/** What is not yet on its way may not be more than this for a frame that can be left out, in bytes. */
const CROWDED = 65_536;

interface Attempt {
	socket: Socket;
	/** Calls off whatever timer runs for it. */
	timer: () => void;
	pinged: boolean;
	since: number;
}

/**
 * One connection to the server, for as long as it is wanted: it opens, says hello, watches that the other side
 * lives, and comes again after a loss. It keeps no frames: what has to arrive is in an outbox, and who was
 * away catches up by `open`.
 */
export class Link {
	readonly #env: LinkEnvironment;
	readonly #listener: LinkListener;
	#state: LinkState = { kind: 'closed' };
	#attempt: Attempt | null = null;
	#endWait: () => void = () => undefined;
	#tries = 0;
	#pings = 0;

	constructor(env: LinkEnvironment, listener: LinkListener) {
		this.#env = env;
		this.#listener = listener;
	}

	get state(): LinkState {
		return this.#state;
	}

	open(): void {
		if (this.#state.kind === 'closed') this.#connect();
	}

	/** Sends frames as far as there is a connection; in as few messages as the protocol allows (F1). @returns whether there was one */
	send(...frames: readonly ClientFrame[]): boolean {
		if (this.#state.kind !== 'on' || !this.#attempt) return false;
		for (const message of pack(frames)) this.#attempt.socket.send(message);
		return true;
	}

	/** Sends a frame that may be lost, unless much is waiting before it. */
	offer(frame: ClientFrame): void {
		if ((this.#attempt?.socket.bufferedAmount ?? 0) < CROWDED) this.send(frame);
	}

	/** The network may be back, or gone without a word: tries at once, or asks whether the server is still there. */
	nudge(): void {
		if (this.#env.forbidden?.()) this.#forbid();
		else if (this.#state.kind === 'waiting' || this.#state.kind === 'forbidden') this.#connect();
		else if (this.#state.kind === 'on' && this.#attempt) this.#ping(this.#attempt);
	}

	close(): void {
		this.#endWait();
		this.#drop();
		this.#set({ kind: 'closed' });
	}

	#forbid(): void {
		if (this.#state.kind === 'closed' || this.#state.kind === 'refused') return;
		this.#endWait();
		this.#drop();
		this.#set({ kind: 'forbidden' });
	}

	#connect(): void {
		this.#endWait();
		if (this.#env.forbidden?.()) return this.#set({ kind: 'forbidden' });
		this.#set({ kind: 'connecting', tries: this.#tries });
		const { connect, clock, token } = this.#env;
		const socket = connect();
		const attempt: Attempt = {
			socket,
			timer: clock.after(GREETING, () => this.#lost(attempt, 'no-answer')),
			pinged: false,
			since: clock.now()
		};
		this.#attempt = attempt;
		socket.addEventListener('open', () => {
			if (this.#attempt === attempt) socket.send(pack([{ t: 'hello', v: WIRE_VERSION, token }])[0] ?? '');
		});
		socket.addEventListener('message', ({ data }) => this.#hear(attempt, data));
		socket.addEventListener('close', () => this.#lost(attempt, 'closed'));
		socket.addEventListener('error', () => this.#lost(attempt, 'closed'));
	}

	/** What an attempt of earlier says late is nobody's business. */
	#hear(attempt: Attempt, data: unknown): void {
		if (this.#attempt !== attempt) return;
		const parsed = typeof data === 'string' ? parseServerMessage(data) : null;
		if (!parsed?.ok) return this.#lost(attempt, 'bad-message');
		if (this.#state.kind === 'on') this.#watch(attempt);
		let rest: ServerFrame[] = [];
		const flush = () => {
			if (rest.length > 0) this.#listener.frames(rest);
			rest = [];
		};
		for (const frame of parsed.frames) {
			if (frame.t === 'welcome' || frame.t === 'fault') {
				flush();
				this.#own(attempt, frame);
			} else if (frame.t !== 'pong') rest.push(frame);
			if (this.#attempt !== attempt) return;
		}
		if (this.#state.kind === 'on') flush();
		else if (rest.length > 0) this.#lost(attempt, 'bad-message');
	}

	#own(attempt: Attempt, frame: Extract<ServerFrame, { t: 'welcome' | 'fault' }>): void {
		if (frame.t === 'welcome') {
			const { account, connection } = frame;
			if (this.#state.kind === 'on') return this.#lost(attempt, 'bad-message');
			attempt.since = this.#env.clock.now();
			this.#set({ kind: 'on', account, connection });
			// whoever was told may have closed the link
			if (this.#attempt === attempt) this.#watch(attempt);
		} else if (frame.code === 'token' || frame.code === 'version') {
			this.#drop();
			this.#set({ kind: 'refused', why: frame.code });
		} else this.#lost(attempt, 'told-to');
	}

	/** Something was heard: the silence begins anew. */
	#watch(attempt: Attempt): void {
		attempt.timer();
		attempt.pinged = false;
		attempt.timer = this.#env.clock.after(SILENCE, () => this.#ping(attempt));
	}

	#ping(attempt: Attempt): void {
		if (attempt.pinged) return;
		attempt.timer();
		attempt.pinged = true;
		attempt.timer = this.#env.clock.after(ANSWER, () => this.#lost(attempt, 'silent'));
		this.send({ t: 'ping', n: this.#pings++ });
	}

	#lost(attempt: Attempt, why: LossWhy): void {
		if (this.#attempt !== attempt) return;
		const { clock, random } = this.#env;
		const proven = this.#state.kind === 'on' && clock.now() - attempt.since >= PROVEN;
		this.#drop();
		this.#tries = proven ? 1 : this.#tries + 1;
		const wait = backoff(this.#tries, random());
		this.#endWait = clock.after(wait, () => this.#connect());
		this.#set({ kind: 'waiting', why, tries: this.#tries, retryAt: clock.now() + wait });
	}

	/** Leaves the socket behind. One that is half open takes its time to close: nobody waits for it. */
	#drop(): void {
		const attempt = this.#attempt;
		this.#attempt = null;
		attempt?.timer();
		attempt?.socket.close();
	}

	#set(state: LinkState): void {
		this.#state = state;
		this.#listener.state(state);
	}
}

/** Frames as messages within the bounds of F1. All that a frame holds is ASCII. */
function pack(frames: readonly ClientFrame[]): string[] {
	const messages: string[] = [];
	let part: string[] = [];
	let bytes = 2;
	const end = () => {
		if (part.length > 0) messages.push(`[${part.join(',')}]`);
		part = [];
		bytes = 2;
	};
	for (const frame of frames) {
		const text = JSON.stringify(frame);
		if (part.length === LIMITS.framesPerMessage || bytes + text.length + 1 > LIMITS.messageBytes) end();
		part.push(text);
		bytes += text.length + 1;
	}
	end();
	return messages;
}
