import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { get as plainGet } from 'node:http';
import { request } from 'node:https';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { gunzipSync } from 'node:zlib';
import { COMMON_HEADERS, policyHeader, SERVICE_WORKER_POLICY, WORKER_POLICY } from '../../src/policy.ts';
import { ServerProcess } from '../sync/support/server-process.ts';
import { bodyOf, Peer } from '../unit/server/support/peer.ts';
import { FILES, Nginx } from './support/nginx.ts';
import { missing } from './support/programs.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const PAGE = 'https://chat.example';
const ELSEWHERE = 'https://app.example';

const absent = missing('nginx', 'openssl');
if (absent) test('page, API and socket through nginx', ({ skip }) => skip(absent));
else throughNginx();

interface Answer {
	status: number;
	headers: IncomingHttpHeaders;
	body: Buffer;
}

function throughNginx(): void {
	const nginx = new Nginx();
	const server = new ServerProcess();

	beforeAll(async () => {
		await server.start({ SYNC_ORIGINS: `${PAGE},${ELSEWHERE}`, SYNC_PROXIES: '1' });
		await nginx.start([Number(new URL(server.origin).port)]);
	});
	afterAll(() => Promise.all([nginx.remove(), server.remove()]));

	const tls = () => ({ ca: nginx.certificate, servername: 'chat.example' });

	/** Asks nginx over TLS, believing its certificate alone. */
	function ask(
		method: string,
		path: string,
		headers: Record<string, string> = {},
		body?: unknown
	): Promise<Answer> {
		const options = { ...tls(), host: '127.0.0.1', port: nginx.secure, method, path };
		const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
		return new Promise((resolve, reject) => {
			const asked = request(
				{ ...options, headers: { Host: 'chat.example', ...json, ...headers } },
				(response) => {
					const parts: Buffer[] = [];
					response.on('data', (part: Buffer) => parts.push(part));
					response.on('end', () =>
						resolve({
							status: response.statusCode ?? 0,
							headers: response.headers,
							body: Buffer.concat(parts)
						})
					);
				}
			);
			asked.on('error', reject);
			asked.end(body === undefined ? undefined : JSON.stringify(body));
		});
	}

	async function register(name: string): Promise<{ id: string; token: string }> {
		const { status, body } = await ask('POST', '/api/v1/accounts', {}, { name, password: 'correct horse' });
		expect(status).toBe(201);
		const made = JSON.parse(String(body)) as { account: { id: string }; token: string };
		return { id: made.account.id, token: made.token };
	}

	test('the page answers every path of the app, a missing file does not, and http leads to https', async () => {
		for (const path of ['/', '/rooms', '/room/abc', '/chat/x?y=1']) {
			const { status, headers, body } = await ask('GET', path);
			expect([path, status, String(body)]).toEqual([path, 200, FILES['index.html']]);
			expect(headers).toMatchObject({ 'content-type': 'text/html', 'cache-control': 'no-cache' });
		}
		for (const path of ['/missing.js', '/app/immutable/gone.js'])
			expect((await ask('GET', path)).status).toBe(404);
		const moved = await new Promise<IncomingHttpHeaders>((resolve, reject) => {
			plainGet(
				{ host: '127.0.0.1', port: nginx.plain, path: '/rooms?x=1', headers: { Host: 'chat.example' } },
				(response) => {
					response.resume();
					resolve(response.headers);
				}
			).on('error', reject);
		});
		expect(moved.location).toBe('https://chat.example/rooms?x=1');
	});

	test('files come with the types, the cache and the policies that the app needs, compressed', async () => {
		const { headers, body } = await ask('GET', '/app/immutable/entry.hash.js', { 'Accept-Encoding': 'gzip' });
		expect(String(gunzipSync(body))).toBe(FILES['app/immutable/entry.hash.js']);
		expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
		expect(headers['content-type']).toMatch(/javascript$/);
		for (const [name, value] of Object.entries(COMMON_HEADERS))
			expect(headers[name.toLowerCase()]).toBe(value);
		const policyOf = async (path: string) => (await ask('GET', path)).headers['content-security-policy'];
		expect(await policyOf('/app/immutable/workers/engine.hash.js')).toBe(policyHeader(WORKER_POLICY));
		expect(await policyOf('/service-worker.js')).toBe(policyHeader(SERVICE_WORKER_POLICY));
		expect(await policyOf('/')).toBe("frame-ancestors 'none'");
		const typeOf = async (path: string) => (await ask('GET', path)).headers['content-type'];
		expect(await typeOf('/engine.wasm')).toBe('application/wasm');
		expect(await typeOf('/manifest.webmanifest')).toBe('application/manifest+json');
	});

	test('the API answers as it does without a proxy, and what is the machine’s own stays inside', async () => {
		const { token } = await register('ada');
		const { status, headers, body } = await ask('GET', '/api/v1/rooms', { Authorization: `Bearer ${token}` });
		expect([status, JSON.parse(String(body))]).toEqual([200, { rooms: [] }]);
		expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
		const refused = await ask('GET', '/api/v1/rooms');
		expect([refused.status, refused.headers['content-type']]).toEqual([401, 'application/problem+json']);
		expect(String((await ask('GET', '/metrics')).body)).toBe(FILES['index.html']);
	});

	test('limits count by the address that nginx saw, not by one that a client made up', async () => {
		const wrong = { name: 'nobody', password: 'wrong' };
		const tries = Array.from({ length: 40 }, (_, index) =>
			ask(
				'POST',
				'/api/v1/sessions',
				{ 'X-Forwarded-For': `198.51.100.${index}` },
				{ ...wrong, name: `nobody${index}` }
			)
		);
		const statuses = (await Promise.all(tries)).map(({ status }) => status);
		// thirty at once, and one more for each ten seconds that it takes here
		expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(30);
		expect(statuses).toContain(429);
	});

	test('[S2] [E1] the socket is upgraded: members write, hear each other, and come from the page alone', async () => {
		const [ada, bob] = [await register('ada2'), await register('bob2')];
		const access = { kind: 'open', name: 'Garden', key: 'k'.repeat(43) };
		const as = (token: string) => ({ Authorization: `Bearer ${token}` });
		const made = JSON.parse(String((await ask('POST', '/api/v1/rooms', as(ada.token), { access })).body)) as {
			id: string;
		};
		await ask('POST', `/api/v1/rooms/${made.id}/members`, as(bob.token), { invite: null });
		const enter = async (token: string, origin: string) => {
			const peer = new Peer(`http://127.0.0.1:${nginx.secure}`.replace('http', 'https'), {
				...tls(),
				origin,
				headers: { Host: 'chat.example' }
			});
			await peer.opened();
			peer.say({ t: 'hello', v: 1, token }, { t: 'open', room: made.id, after: 0 });
			await peer.next('level');
			return peer;
		};
		const [one, two] = [await enter(ada.token, PAGE), await enter(bob.token, ELSEWHERE)];
		const id = randomBytes(16).toString('base64url');
		one.say({ t: 'send', room: made.id, id, body: bodyOf('hello') });
		expect(await one.next('ack')).toMatchObject({ seq: 1 });
		expect((await two.next('events')).events).toMatchObject([{ id, from: ada.id, body: bodyOf('hello') }]);
		two.say({ t: 'signal', room: made.id, n: 1, body: bodyOf('typing') });
		expect(await one.next('signal')).toMatchObject({ from: bob.id });
		await Promise.all([one.leave(), two.leave()]);
		await expect(enter(ada.token, 'https://evil.example')).rejects.toThrow('403');
	});

	test('a page on another host may call, if it is one of those named', async () => {
		const asked = {
			'Access-Control-Request-Method': 'POST',
			'Access-Control-Request-Headers': 'content-type'
		};
		const allowed = await ask('OPTIONS', '/api/v1/sessions', { Origin: ELSEWHERE, ...asked });
		expect(allowed.status).toBe(204);
		expect(allowed.headers).toMatchObject({
			'access-control-allow-origin': ELSEWHERE,
			'access-control-allow-headers': 'Authorization, Content-Type'
		});
		const answer = await ask('GET', '/api/v1/rooms', { Origin: ELSEWHERE });
		expect(answer.headers['access-control-allow-origin']).toBe(ELSEWHERE);
		for (const Origin of ['https://evil.example', 'null', `${ELSEWHERE}.evil.example`]) {
			const refused = await ask('OPTIONS', '/api/v1/sessions', { Origin, ...asked });
			expect(refused.headers['access-control-allow-origin']).toBeUndefined();
		}
	});

	test('no secret of anybody is in what the server logged', () => {
		const text = [...server.lines, readFileSync(`${nginx.folder}/nginx.conf`, 'utf8')].join('\n');
		expect(text).not.toContain('correct horse');
		expect(server.complaints).toBe('');
	});
}
