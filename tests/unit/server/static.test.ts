import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveStatic } from '../../../src/server/static.ts';

const PAGE = `<head><meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'sha256-x'"></head>`;
const SCRIPT = 'export const answer = 42;'.repeat(20);
const FILES: Record<string, string | Buffer> = {
	'index.html': PAGE,
	'service-worker.js': 'self',
	'manifest.webmanifest': '{}',
	'self-test.gguf': 'GGUF0123456789',
	'app/immutable/chunks/a.js': SCRIPT,
	'app/immutable/chunks/a.js.gz': gzipSync(SCRIPT),
	'app/immutable/workers/w.js': 'onmessage',
	'.secret': 'hidden'
};

interface Answer {
	status: number;
	headers: IncomingHttpHeaders;
	body: Buffer;
}

let root: string;
let server: Server;
let mounted: Server;

/** A request as it is written, which fetch would tidy up. */
function ask(
	path: string,
	headers: Record<string, string> = {},
	method = 'GET',
	to = server
): Promise<Answer> {
	const { port } = to.address() as AddressInfo;
	return new Promise((resolve, reject) => {
		const sent = request({ port, path, headers, method, agent: false }, (response) => {
			const parts: Buffer[] = [];
			response.on('data', (part: Buffer) => parts.push(part));
			response.on('end', () =>
				resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) })
			);
		});
		sent.on('error', reject);
		sent.end();
	});
}

beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'alcove-static-'));
	await writeFile(join(root, 'outside.txt'), 'not yours');
	for (const [name, content] of Object.entries(FILES)) {
		const path = join(root, 'build', name);
		await mkdir(join(path, '..'), { recursive: true });
		await writeFile(path, content);
	}
	const listen = (target: Server) => new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
	server = createServer(serveStatic(join(root, 'build')));
	mounted = createServer(serveStatic(join(root, 'build'), { base: '/alcove' }));
	await Promise.all([listen(server), listen(mounted)]);
});

afterAll(async () => {
	for (const one of [server, mounted]) {
		one.close();
		one.closeAllConnections();
	}
	await rm(root, { recursive: true });
});

describe('pages', () => {
	it('answers every path without an extension with the page, isolated and with its policy', async () => {
		for (const path of ['/', '/chat/1', '/chat/1?q=2', '/settings/']) {
			const { status, headers, body } = await ask(path);
			expect(status, path).toBe(200);
			expect(body.toString()).toBe(PAGE);
			expect(headers).toMatchObject({
				'content-type': 'text/html;charset=utf-8',
				'cache-control': 'no-cache',
				'cross-origin-opener-policy': 'same-origin',
				'cross-origin-embedder-policy': 'require-corp',
				'content-security-policy': "default-src 'none'; script-src 'sha256-x'; frame-ancestors 'none'",
				'x-content-type-options': 'nosniff',
				'referrer-policy': 'no-referrer'
			});
			expect(headers['permissions-policy']).toContain('camera=()');
		}
	});

	it('answers 304 to a browser that has the page', async () => {
		const { headers } = await ask('/');
		expect((await ask('/', { 'If-None-Match': headers.etag ?? '' })).status).toBe(304);
	});

	it('refuses a folder that holds no built page', async () => {
		await writeFile(join(root, 'index.html'), '<p>no policy</p>');
		expect(() => serveStatic(root)).toThrow('policy');
		expect(() => serveStatic(join(root, 'nowhere'))).toThrow('ENOENT');
	});
});

describe('files', () => {
	it('lets hashed files be kept for ever and asks again for the others', async () => {
		const kept = await ask('/app/immutable/chunks/a.js');
		expect(kept.headers['cache-control']).toBe('public, max-age=31536000, immutable');
		for (const path of ['/service-worker.js', '/manifest.webmanifest', '/self-test.gguf']) {
			expect((await ask(path)).headers['cache-control'], path).toBe('no-cache');
		}
	});

	it('binds workers to their own origin, and the service worker to less', async () => {
		const worker = (await ask('/app/immutable/workers/w.js')).headers;
		expect(worker['content-security-policy']).toBe(
			"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' blob:; worker-src 'self' blob:"
		);
		expect(worker['cross-origin-embedder-policy']).toBe('require-corp');
		const service = (await ask('/service-worker.js')).headers;
		expect(service['content-security-policy']).toBe(
			"default-src 'none'; script-src 'self'; connect-src 'self'"
		);
	});

	it('sends the compressed form to those who take it', async () => {
		const packed = await ask('/app/immutable/chunks/a.js', { 'Accept-Encoding': 'gzip' });
		expect(packed.headers['content-encoding']).toBe('gzip');
		expect(packed.headers.vary).toBe('Accept-Encoding');
		expect((await ask('/app/immutable/chunks/a.js')).body.toString()).toBe(SCRIPT);
	});

	it('answers 404 to a file that is not there, hidden files included', async () => {
		for (const path of ['/nope.js', '/app/immutable/chunks/gone.js', '/.secret', '/alcove.json']) {
			const { status, body, headers } = await ask(path);
			expect(status, path).toBe(404);
			expect(body.toString()).toBe('Not found\n');
			expect(headers['x-content-type-options']).toBe('nosniff');
		}
	});

	it('lets nobody out of its folder', async () => {
		const paths = ['/../outside.txt', '/%2e%2e/outside.txt', '/..%2foutside.txt', '/app/../../outside.txt'];
		for (const path of [...paths, '/..\\outside.txt', '//outside.txt', '/%00.txt', '/%E0%A4%A.txt']) {
			const { status, body } = await ask(path);
			expect(body.toString(), path).not.toContain('not yours');
			expect(status, path).toBe(404);
		}
	});

	it('only gives', async () => {
		const refused = await ask('/', {}, 'POST');
		expect(refused.status).toBe(405);
		expect(refused.headers.allow).toBe('GET, HEAD');
		const head = await ask('/self-test.gguf', {}, 'HEAD');
		expect(head.status).toBe(200);
		expect(head.body.length).toBe(0);
		expect(head.headers['content-length']).toBe('14');
	});
});

describe('ranges', () => {
	it.each([
		['bytes=4-7', '0123', 'bytes 4-7/14'],
		['bytes=10-', '6789', 'bytes 10-13/14'],
		['bytes=10-99', '6789', 'bytes 10-13/14']
	])('sends %s', async (range, text, said) => {
		const part = await ask('/self-test.gguf', { Range: range });
		expect(part.status).toBe(206);
		expect(part.body.toString()).toBe(text);
		expect(part.headers['content-range']).toBe(said);
		expect(part.headers['content-type']).toBe('application/octet-stream');
	});

	it('says when a range lies beyond the end', async () => {
		const { status, headers } = await ask('/self-test.gguf', { Range: 'bytes=14-' });
		expect(status).toBe(416);
		expect(headers['content-range']).toBe('bytes */14');
	});

	it.each(['bytes=-4', 'bytes=0-1,4-5', 'bytes=7-4', 'lines=1-2'])('sends all for %s', async (range) => {
		const whole = await ask('/self-test.gguf', { Range: range });
		expect(whole.status).toBe(200);
		expect(whole.body.toString()).toBe('GGUF0123456789');
	});

	it('sends all when the part was to fit a file that may have changed', async () => {
		const { status } = await ask('/self-test.gguf', { Range: 'bytes=4-7', 'If-Range': 'W/"old"' });
		expect(status).toBe(200);
	});

	it('takes the part from the file, not from its compressed form', async () => {
		const part = await ask('/app/immutable/chunks/a.js', { Range: 'bytes=0-5', 'Accept-Encoding': 'gzip' });
		expect(part.body.toString()).toBe('export');
		expect(part.headers['content-encoding']).toBeUndefined();
	});
});

describe('below a path', () => {
	it('serves the app there and nothing beside it', async () => {
		const inside = (path: string) => ask(path, {}, 'GET', mounted);
		expect((await inside('/alcove/chat/1')).body.toString()).toBe(PAGE);
		expect((await inside('/alcove/service-worker.js')).body.toString()).toBe('self');
		expect((await inside('/alcove?x=1')).headers.location).toBe('/alcove/?x=1');
		for (const path of ['/', '/chat/1', '/alcovesque', '/service-worker.js']) {
			expect((await inside(path)).status, path).toBe(404);
		}
	});

	it('leaves to the next handler what is not its own', async () => {
		const handler = serveStatic(join(root, 'build'), { base: '/alcove' });
		const both = createServer((incoming, response) =>
			handler(incoming, response, () => response.writeHead(201).end('next'))
		);
		await new Promise<void>((resolve) => both.listen(0, '127.0.0.1', resolve));
		expect((await ask('/api/v1', {}, 'GET', both)).status).toBe(201);
		expect((await ask('/alcove/', {}, 'POST', both)).status).toBe(201);
		expect((await ask('/alcove/', {}, 'GET', both)).status).toBe(200);
		both.close();
		both.closeAllConnections();
	});
});
