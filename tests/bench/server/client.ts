import { connect, type Socket } from 'node:net';

/**
 * A WebSocket client that costs the generator as little as can be, and the same for every server: text frames
 * alone, sent under the mask of zeros, read by their headers. RFC 6455.
 */
export class Client {
	readonly #socket: Socket;
	readonly #hear: (message: Buffer) => void;
	#rest: Buffer | null = null;
	/** Pieces of a message in several frames. */
	#pieces: Buffer[] = [];

	private constructor(socket: Socket, hear: (message: Buffer) => void) {
		this.#socket = socket;
		this.#hear = hear;
	}

	/** Resolves when the handshake is done. @throws Error when it is refused */
	static open(port: number, path: string, hear: (message: Buffer) => void): Promise<Client> {
		const socket = connect({ port, host: '127.0.0.1', noDelay: true });
		socket.write(
			`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
				'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
		);
		return new Promise((resolve, reject) => {
			let head = Buffer.alloc(0);
			socket.on('error', reject);
			const read = (data: Buffer) => {
				head = Buffer.concat([head, data]);
				const end = head.indexOf('\r\n\r\n');
				if (end === -1) return;
				socket.off('data', read);
				const status = head.toString('latin1', 0, head.indexOf('\r\n'));
				if (!status.includes(' 101 ')) return void reject(new Error(status));
				const client = new Client(socket, hear);
				resolve(client);
				socket.on('data', (more: Buffer) => client.#read(more));
				if (head.length > end + 4) client.#read(head.subarray(end + 4));
			};
			socket.on('data', read);
		});
	}

	send(message: string): void {
		this.#socket.write(frame(0x81, message));
	}

	/** Reads no more than a byte a second from now on. */
	slowDown(): void {
		this.#socket.pause();
		const timer = setInterval(() => void this.#socket.read(1), 1_000);
		this.#socket.once('close', () => clearInterval(timer));
	}

	close(): void {
		this.#socket.destroy();
	}

	#read(data: Buffer): void {
		const bytes = this.#rest ? Buffer.concat([this.#rest, data]) : data;
		let at = 0;
		for (;;) {
			const header = headerAt(bytes, at);
			if (!header || at + header.size + header.length > bytes.length) break;
			const from = at + header.size;
			at = from + header.length;
			this.#frame(header.opcode, header.last, bytes.subarray(from, at));
		}
		this.#rest = at === bytes.length ? null : bytes.subarray(at);
	}

	#frame(opcode: number, last: boolean, payload: Buffer): void {
		if (opcode === 9) return void this.#socket.write(frame(0x8a, payload.toString('latin1')));
		if (opcode > 2) return;
		if (last && this.#pieces.length === 0) return this.#hear(payload);
		this.#pieces.push(payload);
		if (last) this.#hear(Buffer.concat(this.#pieces.splice(0)));
	}
}

function headerAt(bytes: Buffer, at: number) {
	const [first, second] = [bytes[at], bytes[at + 1]];
	if (first === undefined || second === undefined) return null;
	const opcode = first & 0x0f;
	const last = first >= 0x80;
	if (second < 126) return { opcode, last, size: 2, length: second };
	const size = second === 126 ? 4 : 10;
	if (bytes.length < at + size) return null;
	return { opcode, last, size, length: size === 4 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6) };
}

function frame(first: number, message: string): Buffer {
	const { length } = message;
	const size = length < 126 ? 6 : 8;
	const bytes = Buffer.alloc(size + length);
	bytes[0] = first;
	bytes[1] = 0x80 | (length < 126 ? length : 126);
	if (length >= 126) bytes.writeUInt16BE(length, 2);
	bytes.write(message, size, 'latin1');
	return bytes;
}
