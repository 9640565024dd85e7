/**
 * A model host on a port of its own, with small synthetic models and every fault that a network has.
 * A test takes a room of it, `<url>/<room>/`, and orders faults for files there; rooms share nothing.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Plugin } from 'vite';
import type { Fault, RoomLog } from './model-host-client.ts';

/** Vite plugin for the browser tests: the host's address is at `/__model-host`, one that may be killed at `/__mortal-host`. */
export function modelHost(): Plugin {
	return {
		name: 'alcove-model-host',
		async configureServer(vite) {
			for (const path of ['/__model-host', '/__mortal-host']) {
				const host = await startModelHost();
				vite.httpServer?.once('close', host.close);
				vite.middlewares.use(path, (_request, response) => {
					response.end(host.url);
				});
			}
		}
	};
}

/** Starts the host; it does not keep the process alive. */
export async function startModelHost(): Promise<{ url: string; close: () => void }> {
	const rooms = new Map<string, Room>();
	const files = createFiles();
	const roomOf = (id: string) => {
		const room = rooms.get(id) ?? { files, faults: [], log: [], kill };
		rooms.set(id, room);
		return room;
	};
	/** Breaks every connection and answers nobody for a moment. */
	const kill = () => {
		const { port } = server.address() as AddressInfo;
		server.close(() => setTimeout(() => server.listen(port, '127.0.0.1'), AWAY));
		server.closeAllConnections();
	};
	const server = createServer((request, response) => {
		answer(roomOf, request, response).catch((error: unknown) => {
			response.destroy(error instanceof Error ? error : new Error(String(error)));
		});
	});
	await listen(server);
	server.unref();
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/`,
		close: () => {
			server.closeAllConnections();
			server.close();
		}
	};
}

function listen(server: Server): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
}

/** Milliseconds for which a host that was killed is away. */
const AWAY = 50;

interface Room {
	files: Map<string, Buffer>;
	faults: Fault[];
	log: RoomLog;
	kill: () => void;
}

/** Bytes that look random and are always the same for a name. */
function noise(name: string, bytes: number): Buffer {
	const blocks: Buffer[] = [];
	for (let index = 0; index * 64 < bytes; index += 1)
		blocks.push(createHash('sha512').update(`${name} ${index}`).digest());
	return Buffer.concat(blocks).subarray(0, bytes);
}

const SHARDS = { 'params_shard_0.bin': 5_000_000, 'params_shard_1.bin': 300_001, 'params_shard_2.bin': 64 };

/** A valid module that consists of one custom section without a name. */
function wasmModule(content: Buffer): Buffer {
	const size = content.length + 1;
	const leb = [(size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, size >> 14];
	return Buffer.concat([Buffer.from('\0asm\x01\0\0\0', 'latin1'), Buffer.from([0, ...leb, 0]), content]);
}

function createFiles(): Map<string, Buffer> {
	const json = (value: unknown) => Buffer.from(JSON.stringify(value));
	const shards = Object.entries(SHARDS).map(([name, bytes]) => [name, noise(name, bytes)] as const);
	const records = shards.map(([dataPath, data]) => ({
		dataPath,
		format: 'raw-shard',
		nbytes: data.length,
		md5sum: createHash('md5').update(data).digest('hex'),
		records: []
	}));
	return new Map<string, Buffer>([
		...shards,
		['tensor-cache.json', json({ metadata: {}, records })],
		['mlc-chat-config.json', json({ tokenizer_files: ['tokenizer.json', 'vocab.json'] })],
		['tokenizer.json', json({ vocab: noise('tokenizer', 40_000).toString('base64') })],
		['library.wasm', wasmModule(noise('library', 100_000))],
		['model.gguf', Buffer.concat([Buffer.from('GGUF'), noise('gguf', 9_000_000)])]
	]);
}

async function answer(
	roomOf: (id: string) => Room,
	request: IncomingMessage,
	response: ServerResponse
): Promise<void> {
	const url = new URL(request.url ?? '/', 'http://host');
	const [, id = '', ...path] = url.pathname.split('/');
	const room = roomOf(id);
	response.setHeader('access-control-allow-origin', '*');
	response.setHeader('access-control-expose-headers', 'etag, content-range, retry-after');
	const name = path.at(-1) ?? '';
	if (name === '!faults') {
		room.faults.push(...(JSON.parse(await read(request)) as Fault[]));
		response.end();
	} else if (name === '!log') response.end(JSON.stringify(room.log));
	else await serve(room, name, request, response);
}

async function read(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
	return Buffer.concat(chunks).toString();
}

async function serve(room: Room, name: string, request: IncomingMessage, response: ServerResponse) {
	const fault = takeFault(room, name);
	room.log.push({ name, range: request.headers.range ?? null, fault: fault?.kind ?? null });
	const file = room.files.get(name);
	if (!file || fault?.kind === 'status') return refuse(fault, response);
	if (fault?.kind === 'html')
		return void response.setHeader('content-type', 'text/html').end('<!doctype html>');
	if (fault?.kind === 'disguised') return void response.end('<!doctype html><title>Please sign in</title>');
	if (fault?.kind === 'redirect')
		return void response.writeHead(302, { location: `/${randomUUID()}/${name}` }).end();
	if (fault?.kind === 'loop') return void response.writeHead(302, { location: request.url ?? '' }).end();
	if (fault?.kind === 'hang') return;
	await send(file, name, fault, request, response, room.kill);
}

function takeFault(room: Room, name: string): Fault | undefined {
	const fault = room.faults.find((candidate) => candidate.file === name && (candidate.times ?? 1) > 0);
	if (fault) fault.times = (fault.times ?? 1) - 1;
	return fault;
}

function refuse(fault: Fault | undefined, response: ServerResponse): void {
	const status = fault?.kind === 'status' ? fault.status : 404;
	if (fault?.kind === 'status' && fault.retryAfter !== undefined)
		response.setHeader('retry-after', fault.retryAfter);
	response.writeHead(status).end('refused');
}

/** The file or the range of it that was asked for, as the fault has it. */
async function send(
	file: Buffer,
	name: string,
	fault: Fault | undefined,
	request: IncomingMessage,
	response: ServerResponse,
	kill: () => void
): Promise<void> {
	const [, asked, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
	const ranged = fault?.kind !== 'no-range' && asked !== undefined;
	const from = ranged ? Number(asked) : 0;
	const size = fault?.kind === 'short' ? fault.at : file.length;
	response.setHeader('etag', fault?.kind === 'other-version' ? '"other"' : `"${name}"`);
	response.setHeader('content-type', 'application/octet-stream');
	if (from >= size) return void response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
	const to = ranged && last ? Math.min(size, Number(last) + 1) : size;
	const body = Buffer.from(file.subarray(from, to));
	if (fault?.kind === 'flip') body[fault.at] = (body[fault.at] ?? 0) ^ 1;
	response.setHeader('content-length', body.length);
	if (from > 0 || to < size) response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${size}` });
	// past the end there is nothing left to break off: an answer never ended would block its connection
	const breaksOff = fault && 'at' in fault && fault.at < body.length;
	if (breaksOff && fault.kind === 'cut')
		return void response.write(body.subarray(0, fault.at), () => response.destroy());
	if (breaksOff && fault.kind === 'kill') return void response.write(body.subarray(0, fault.at), kill);
	if (breaksOff && fault.kind === 'stall') return void response.write(body.subarray(0, fault.at));
	if (fault?.kind === 'slow') return drip(body, fault.at, fault.every ?? 5, response);
	response.end(body);
}

/** Sends a body in pieces, one every so many milliseconds. */
async function drip(body: Buffer, piece: number, every: number, response: ServerResponse): Promise<void> {
	for (let at = 0; at < body.length && !response.destroyed; at += piece) {
		response.write(body.subarray(at, at + piece));
		await new Promise((resolve) => setTimeout(resolve, every));
	}
	response.end();
}
