/**
 * `npm start`: builds the app where that is needed and serves it with the sync server of its rooms, from this
 * machine to this machine. PORT (default 4173), HOST (default 127.0.0.1), BASE_PATH and BUILD_DIR come by the
 * environment; SKIP_BUILD=1 serves what is there, SYNC=off serves the app alone. The sync server's own settings
 * are in src/server/config.ts; its file is alcove.db unless SYNC_DATABASE names another.
 */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import type { Door } from '../src/server/both.ts';
import { serveStatic } from '../src/server/static.ts';
import { openSyncBeside } from './lib/sync-beside.ts';

function fail(message: string): never {
	console.error(message);
	process.exit(2);
}

function readPort(text: string): number {
	const port = Number(text);
	const valid = /^\d+$/.test(text) && port <= 65_535;
	return valid ? port : fail(`PORT must be a number from 0 to 65535; it is "${text}".`);
}

function readSync(text: string): boolean {
	return ['on', 'off'].includes(text) ? text === 'on' : fail(`SYNC must be "on" or "off"; it is "${text}".`);
}

const port = readPort(process.env['PORT'] || '4173');
const host = process.env['HOST'] || '127.0.0.1';
const base = process.env['BASE_PATH'] ?? '';
const folder = process.env['BUILD_DIR'] || 'build';
const withSync = readSync(process.env['SYNC'] || 'on');

if (process.env['SKIP_BUILD'] !== '1') {
	const build = spawnSync(process.execPath, ['scripts/build.ts', '--if-needed'], { stdio: 'inherit' });
	if (build.status !== 0) fail('The build failed, so there is nothing to serve.');
}

const app = serveStatic(folder, { base });
const opened = Promise.withResolvers<Door>();
const server = createServer(
	(request, response) => void opened.promise.then((door) => door.request(request, response))
);
let drain: () => Promise<void> = () => Promise.resolve();
let close: () => Promise<void> = () => Promise.resolve();

server.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code === 'EADDRINUSE')
		fail(`Port ${port} is taken. Choose another one: PORT=${port + 1} npm start`);
	if (error.code === 'EACCES')
		fail(`Port ${port} needs more rights than this user has. Choose one above 1023.`);
	if (error.code === 'ENOTFOUND' || error.code === 'EADDRNOTAVAIL')
		fail(`HOST "${host}" is no address of this machine.`);
	throw error;
});
server.listen(port, host, () => {
	void open((server.address() as AddressInfo).port);
});

async function open(actual: number): Promise<void> {
	const address = `${isIP(host) === 6 ? `[${host}]` : host}:${actual}`;
	if (withSync) {
		const origins = [address, `127.0.0.1:${actual}`, `localhost:${actual}`].map((name) => `http://${name}`);
		const sync = await openSyncBeside(app, { base, origins: [...new Set(origins)] }).catch((error: unknown) =>
			fail(`The sync server does not start (SYNC=off serves the app alone): ${String(error)}`)
		);
		({ drain, close } = sync);
		server.on('upgrade', sync.door.upgrade);
		opened.resolve(sync.door);
	} else opened.resolve({ request: app, upgrade: (_, stream) => stream.destroy() });
	console.log(`Alcove is at http://${address}${base}/`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.once(signal, () => {
		server.close(() => void close());
		server.closeIdleConnections();
		void drain();
		// a browser holds its connections open; whoever is in the middle of a file has this long
		setTimeout(() => server.closeAllConnections(), 2_000).unref();
	});
}
