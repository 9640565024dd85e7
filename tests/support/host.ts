import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Door } from '../../src/server/both.ts';
import { type Handler, serveStatic } from '../../src/server/static.ts';

/** Answers one path in the app's stead. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** The built app on a port of its own, with files of a test's beside it, that can be switched off and on. */
export class Host {
	readonly answers = new Map<string, Answer>();
	/** The paths that were asked for, in order. */
	readonly heard: string[] = [];
	readonly #folder: string;
	#server: Server | undefined;
	#port = 0;

	constructor(folder: string) {
		this.#folder = folder;
	}

	get origin(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	/** Starts, or starts again on the same port. */
	async open(): Promise<void> {
		const server = createServer();
		server.listen(this.#port, '127.0.0.1');
		await once(server, 'listening');
		this.#port = (server.address() as AddressInfo).port;
		this.#server = server;
		const door = await this.door(serveStatic(this.#folder));
		server.on('upgrade', (request, stream, head) => {
			this.heard.push(new URL(request.url ?? '/', this.origin).pathname);
			door.upgrade(request, stream, head);
		});
		server.on('request', (request, response) => {
			const { pathname } = new URL(request.url ?? '/', this.origin);
			this.heard.push(pathname);
			const own = this.answers.get(pathname);
			if (own) own(request, response);
			else door.request(request, response);
		});
	}

	/** Who answers, now that the port is known: here the app alone. */
	protected door(app: Handler): Promise<Door> {
		return Promise.resolve({ request: app, upgrade: (_, stream) => stream.destroy() });
	}

	/** Is gone at once, with all its connections. */
	async close(): Promise<void> {
		const server = this.#server;
		if (!server) return;
		this.#server = undefined;
		server.closeAllConnections();
		server.close();
		await once(server, 'close');
	}

	/** Puts a file beside the app. */
	file(path: string, body: Uint8Array | string, type: string): void {
		this.answers.set(path, (_, response) => {
			response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
			response.end(body);
		});
	}

	/** Offers a model of the test's own, pinned by its sum, through the list beside the app. */
	model(name: string, gguf: Uint8Array, pace: number, contextWindow = 4096): void {
		this.file('/own.gguf', gguf, 'application/octet-stream');
		const sha256 = createHash('sha256').update(gguf).digest('hex');
		const models = [{ id: 'own', name, url: 'own.gguf', bytes: gguf.length, sha256, pace, contextWindow }];
		this.file('/alcove.json', JSON.stringify({ models }), 'application/json');
	}
}
