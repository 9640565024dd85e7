import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

export interface Host {
	/** The app's address, with the slash at its end. */
	url: string;
	/** Ends it at once, open connections and all: from here on the network is gone. */
	stop(): Promise<void>;
}

/** The server of `npm start`, as a process of its own, over a build that is there. */
export async function startServer(folder: string): Promise<Host> {
	const child = spawn(process.execPath, ['scripts/start.ts'], {
		env: {
			...process.env,
			...{ PORT: '0', HOST: '127.0.0.1', SKIP_BUILD: '1', BASE_PATH: '', BUILD_DIR: folder, SYNC: 'off' }
		},
		stdio: ['ignore', 'pipe', 'inherit']
	});
	const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
	const url = /http:\S+/.exec(chunk.toString())?.[0];
	if (!url) throw new Error(`The server did not say where it is: ${chunk.toString()}`);
	const stop = async () => {
		const ended = once(child, 'exit');
		child.kill('SIGKILL');
		await ended;
	};
	return { url, stop };
}

async function stopServer(server: Server): Promise<void> {
	const closed = once(server, 'close');
	server.close();
	server.closeAllConnections();
	await closed;
}

/** Any handler on a free port. */
export async function listen(handler: RequestListener): Promise<Host> {
	const server = createServer(handler).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${port}/`, stop: () => stopServer(server) };
}

const TYPES: Record<string, string> = {
	'.html': 'text/html',
	'.js': 'text/javascript',
	'.css': 'text/css',
	'.json': 'application/json',
	'.svg': 'image/svg+xml',
	'.wasm': 'application/wasm',
	'.webmanifest': 'application/manifest+json'
};

/**
 * A static host that knows nothing of the app: no header but the type, and 404.html for what is not there.
 * `extra` are files that are not in the folder.
 */
export function plainHost(folder: string, base: string, extra: Record<string, string> = {}): Promise<Host> {
	return listen((request, response) => {
		const { pathname } = new URL(request.url ?? '/', 'http://localhost');
		const inside = pathname.startsWith(`${base}/`);
		const path = inside ? pathname.slice(base.length) : '';
		const file = path === '/' ? '/index.html' : path;
		const found = extra[file] === undefined ? readFile(join(folder, file)) : Promise.resolve(extra[file]);
		found.then(
			(body) => {
				response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
				response.end(body);
			},
			async () => {
				response.writeHead(404, { 'Content-Type': 'text/html' });
				response.end(inside ? await readFile(join(folder, '404.html')) : 'not here');
			}
		);
	});
}
