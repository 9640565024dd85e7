import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { CLOSE_CODES, LIMITS, WIRE_VERSION, type ClientFrame, type FaultCode } from '#lib/wire/frames.ts';
import { parseClientMessage } from '#lib/wire/parse.ts';
import type { Session } from './accounts/store.ts';
import { clientAddress } from './address.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import type { Clock } from './clock.ts';
import type { Hub } from './hub.ts';
import { Connection } from './hub/connection.ts';
import { frameText } from './hub/frames.ts';
import { Outlet, type Line } from './hub/outlet.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { newId } from './random.ts';
import { Refusal } from './refusal.ts';

export interface SocketLimits extends AdmissionLimits {
	/** Milliseconds until a connection has to have said hello. */
	hello: number;
	/** Milliseconds between two pings. */
	heartbeat: number;
}

export const DEFAULT_SOCKET_LIMITS: SocketLimits = {
	connections: 20_000,
	connectionsPerAddress: 256,
	strangers: 1_000,
	hello: 5_000,
	heartbeat: 25_000
};

interface Parts {
	hub: Hub;
	clock: Clock;
	logger: Logger;
	metrics: Metrics;
	limits: SocketLimits;
	origins: ReadonlySet<string>;
	proxies: number;
	authenticate: (token: string) => Promise<{ session: Session }>;
}

export const SOCKET_PATH = '/api/v1/socket';

/** Frames of one connection that may wait for their turn before it is no longer read from. */
const WAITING_FRAMES = 256;

/** How a connection stands: a stranger until it has said hello, then a member's. */
type Stage =
	| { kind: 'stranger'; endDeadline: () => void }
	| { kind: 'greeting' }
	| { kind: 'member'; connection: Connection }
	| { kind: 'closed' };

interface Guest {
	socket: WebSocket;
	address: string;
	outlet: Outlet;
	stage: Stage;
	waiting: ClientFrame[];
	working: boolean;
	/** Whether anything was heard since the last ping. */
	heard: boolean;
}

/** A class, since an object with a getter of its own would have a shape of its own too, for each connection. */
class SocketLine implements Line {
	readonly #socket: WebSocket;
	readonly #stream: Duplex;
	readonly #drained: () => void;

	constructor(socket: WebSocket, stream: Duplex, drained: () => void) {
		this.#socket = socket;
		this.#stream = stream;
		this.#drained = drained;
	}

	get buffered(): number {
		return this.#socket.bufferedAmount;
	}

	send(messages: readonly Buffer[]): void {
		if (this.#socket.readyState !== WebSocket.OPEN) return;
		// past the library, which would frame for each what is framed once for all; one write for all of them
		if (messages.length > 1) this.#stream.cork();
		for (const message of messages) this.#stream.write(message, this.#drained);
		if (messages.length > 1) this.#stream.uncork();
	}
}

/** The socket's door: handshake, hello, heartbeats, limits. What frames ask for is the connection's to do. */
export class SocketServer {
	readonly #parts: Parts;
	readonly #server: WebSocketServer;
	readonly #guests = new Set<Guest>();
	readonly #admission: Admission;
	readonly #byConnection = new Map<Connection, Guest>();
	#stopping = false;
	#endBeat: () => void;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#admission = new Admission(SOCKET_PATH, parts.origins, parts.limits);
		this.#server = new WebSocketServer({
			noServer: true,
			clientTracking: false,
			perMessageDeflate: false,
			maxPayload: LIMITS.messageBytes,
			maxFragments: 1_024
		});
		this.#endBeat = parts.clock.after(parts.limits.heartbeat, () => this.#beat());
		parts.hub.onKick = (connection, why) => {
			const guest = this.#byConnection.get(connection);
			if (guest) this.#fault(guest, why === 'token' ? 'token' : 'stopping');
		};
		parts.metrics.gauge('alcove_connections', 'Open sockets.', () => this.#admission.connections);
		parts.metrics.gauge('alcove_outgoing_bytes', 'Bytes that wait for slow readers.', () =>
			[...this.#guests].reduce((sum, { outlet }) => sum + outlet.outstanding, 0)
		);
	}

	/** Node's "upgrade" event. Refuses what may not come in before it becomes a socket (H5, L5). */
	readonly upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
		// a client that breaks off its handshake is no matter of ours
		const ignore = () => undefined;
		stream.on('error', ignore);
		const address = clientAddress(request, this.#parts.proxies);
		const refusal = this.#stopping ? '503 Service Unavailable' : this.#admission.refusal(request, address);
		if (refusal) {
			stream.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
			return;
		}
		this.#server.handleUpgrade(request, stream, head, (socket) => {
			stream.off('error', ignore);
			this.#welcome(socket, stream, address);
		});
	};

	/** Reads no more, sends what is to be sent, and closes all (L6). `settled` resolves when the log has stored all. */
	async stop(settled: () => Promise<void>): Promise<void> {
		this.#stopping = true;
		this.#endBeat();
		for (const { socket } of this.#guests) socket.pause();
		await settled();
		// what was stored last has been told to the hub by then, and is in the outlets
		await new Promise((resolve) => setImmediate(resolve));
		this.#parts.hub.turn.flush();
		for (const guest of [...this.#guests]) {
			guest.socket.resume();
			this.#fault(guest, 'stopping');
		}
		this.#server.close();
	}

	/** Cuts off whoever did not close by himself. */
	terminate(): void {
		for (const { socket } of this.#guests) socket.terminate();
	}

	#welcome(socket: WebSocket, stream: Duplex, address: string): void {
		const { clock, limits, hub } = this.#parts;
		const line = new SocketLine(socket, stream, () => guest.outlet.drained());
		const endDeadline = clock.after(limits.hello, () => this.#fault(guest, 'late'));
		const guest: Guest = {
			socket,
			address,
			outlet: new Outlet(line, hub.turn.send),
			stage: { kind: 'stranger', endDeadline },
			waiting: [],
			working: false,
			heard: true
		};
		this.#guests.add(guest);
		this.#admission.enter(address);
		socket.on('message', (data, isBinary) => this.#receive(guest, data, isBinary));
		socket.on('pong', () => (guest.heard = true));
		socket.on('close', () => this.#gone(guest));
		// the close that follows says all there is to say; 1007 and 1009 are ws's own answers
		socket.on('error', (error) => this.#parts.logger.debug('socket error', { error }));
	}

	#receive(guest: Guest, data: WebSocket.RawData, isBinary: boolean): void {
		if (guest.stage.kind === 'closed') return;
		guest.heard = true;
		const parsed = isBinary || !Buffer.isBuffer(data) ? null : parseClientMessage(data.toString('utf8'));
		if (!parsed?.ok) return this.#fault(guest, 'bad-message');
		guest.waiting.push(...parsed.frames);
		if (guest.waiting.length > WAITING_FRAMES) guest.socket.pause();
		if (!guest.working) this.#work(guest).catch((error: unknown) => this.#failed(guest, error));
	}

	/** Frames one after the other, in their order (F1). */
	async #work(guest: Guest): Promise<void> {
		guest.working = true;
		try {
			for (let frame = guest.waiting.shift(); frame; frame = guest.waiting.shift()) {
				if (guest.stage.kind === 'closed') return;
				await this.#handle(guest, frame);
				if (guest.waiting.length === 0 && guest.socket.isPaused && !this.#stopping) guest.socket.resume();
			}
		} finally {
			guest.working = false;
		}
	}

	async #handle(guest: Guest, frame: ClientFrame): Promise<void> {
		const { stage } = guest;
		if (stage.kind === 'member' && frame.t !== 'hello') return stage.connection.handle(frame);
		if (stage.kind !== 'stranger' || frame.t !== 'hello') return this.#fault(guest, 'bad-message');
		stage.endDeadline();
		this.#admission.known();
		guest.stage = { kind: 'greeting' };
		if (frame.v !== WIRE_VERSION) return this.#fault(guest, 'version');
		const session = await this.#identify(frame.token);
		// it may have closed while it was looked up
		if (this.#guests.has(guest) && isGreeting(guest.stage)) this.#admit(guest, session);
	}

	async #identify(token: string): Promise<Session | null> {
		try {
			return (await this.#parts.authenticate(token)).session;
		} catch (error) {
			if (error instanceof Refusal && error.kind === 'token') return null;
			throw error;
		}
	}

	#admit(guest: Guest, session: Session | null): void {
		if (!session) return this.#fault(guest, 'token');
		const { hub, limits } = this.#parts;
		const connection = new Connection(newId(), session, guest.outlet, hub);
		guest.stage = { kind: 'member', connection };
		this.#byConnection.set(connection, guest);
		hub.add(connection);
		const { heartbeat } = limits;
		const { account, id } = connection;
		guest.outlet.push(frameText({ t: 'welcome', v: WIRE_VERSION, account, connection: id, heartbeat }));
	}

	#failed(guest: Guest, error: unknown): void {
		this.#parts.logger.error('connection failed', { error });
		this.#fault(guest, 'stopping');
	}

	/** Says why, and closes. */
	#fault(guest: Guest, code: FaultCode): void {
		if (guest.stage.kind === 'closed') return;
		guest.outlet.push(frameText({ t: 'fault', code }));
		guest.outlet.flush();
		this.#leave(guest);
		guest.socket.close(CLOSE_CODES[code], code);
	}

	#leave(guest: Guest): void {
		const { stage } = guest;
		guest.stage = { kind: 'closed' };
		guest.waiting = [];
		if (stage.kind === 'stranger') {
			stage.endDeadline();
			this.#admission.known();
		}
		if (stage.kind !== 'member') return guest.outlet.end();
		this.#byConnection.delete(stage.connection);
		this.#parts.hub.remove(stage.connection);
	}

	#gone(guest: Guest): void {
		if (guest.stage.kind !== 'closed') this.#leave(guest);
		if (this.#guests.delete(guest)) this.#admission.leave(guest.address);
	}

	/** Cuts off whoever was silent since the last ping, and those whose token has run out (L1, H6). */
	#beat(): void {
		const { clock, limits } = this.#parts;
		this.#endBeat = clock.after(limits.heartbeat, () => this.#beat());
		for (const guest of [...this.#guests]) {
			const { stage, socket } = guest;
			if (!guest.heard) socket.terminate();
			else if (stage.kind === 'member' && stage.connection.session.expiresAt <= clock.now()) {
				this.#fault(guest, 'token');
			} else if (stage.kind !== 'closed') socket.ping();
			guest.heard = false;
		}
	}
}

/** Asked anew after an await, when the stage may be another one. */
function isGreeting({ kind }: Stage): boolean {
	return kind === 'greeting';
}
