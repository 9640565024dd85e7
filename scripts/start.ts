/**
 * `npm start`: builds the app where that is needed and serves it, from this machine to this machine.
 * PORT (default 4173), HOST (default 127.0.0.1), BASE_PATH and BUILD_DIR come by the environment;
 * SKIP_BUILD=1 serves what is there.
 */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { serveStatic } from '../src/server/static.ts';

function fail(message: string): never {
	console.error(message);
	process.exit(2);
}

function readPort(text: string): number {
	const port = Number(text);
	const valid = /^\d+$/.test(text) && port <= 65_535;
	return valid ? port : fail(`PORT must be a number from 0 to 65535; it is "${text}".`);
}

const port = readPort(process.env['PORT'] || '4173');
const host = process.env['HOST'] || '127.0.0.1';
const base = process.env['BASE_PATH'] ?? '';
const folder = process.env['BUILD_DIR'] || 'build';

if (process.env['SKIP_BUILD'] !== '1') {
	const build = spawnSync(process.execPath, ['scripts/build.ts', '--if-needed'], { stdio: 'inherit' });
	if (build.status !== 0) fail('The build failed, so there is nothing to serve.');
}

const server = createServer(serveStatic(folder, { base }));
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
	const { port: actual } = server.address() as AddressInfo;
	const name = isIP(host) === 6 ? `[${host}]` : host;
	console.log(`Alcove is at http://${name}:${actual}${base}/`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.once(signal, () => {
		server.close();
		server.closeIdleConnections();
		// a browser holds its connections open; whoever is in the middle of a file has this long
		setTimeout(() => server.closeAllConnections(), 2_000).unref();
	});
}
