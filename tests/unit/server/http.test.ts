import { afterEach, describe, expect, test, vi } from 'vitest';
import { openApiDocument, refusalsOf } from '../../../src/server/http/openapi.ts';
import { PROBLEMS, problemResponse, problemSchema } from '../../../src/server/http/problems.ts';
import { apiRoutes } from '../../../src/server/http/routes.ts';
import { APP, openHouse, type Asked } from './support/http.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

const PASSWORD = 'correct horse';
const KEY = 'k'.repeat(43);
const NOWHERE = 'n'.repeat(22);

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of open.splice(0)) await close();
});

async function start(options: Parameters<typeof openHouse>[0] = {}) {
	const house = await openHouse(options);
	open.push(house.close);
	const routes = apiRoutes(house.accounts, house.rooms);
	/** Asks, and holds the answer against what the route's description says. */
	const ask = async (
		method: string,
		pattern: string,
		asked: Asked & { params?: Record<string, string> } = {}
	) => {
		const route = routes.find(({ path, method: own }) => path === pattern && own === method);
		if (!route) throw new Error(`no route ${method} ${pattern}`);
		const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => asked.params?.[name] ?? NOWHERE);
		const response = await house.ask(method.toUpperCase(), `/api/v1${path}`, asked);
		const text = await response.text();
		const body: unknown = text === '' ? undefined : JSON.parse(text);
		if (response.status >= 400) {
			const { type, status } = problemSchema.parse(body);
			expect(response.headers.get('Content-Type')).toBe('application/problem+json');
			const kind = refusalsOf(route).find((known) => type === `/api/v1/problems#${known}`);
			expect(kind, `${type} of ${method} ${pattern}`).toBeDefined();
			expect(status).toBe(response.status);
		} else if (route.answer) {
			expect(response.status).toBe(route.status);
			route.answer.parse(body);
		} else expect([response.status, text]).toEqual([204, '']);
		return { status: response.status, body: body as Record<string, unknown>, headers: response.headers };
	};
	const register = async (name: string) => {
		const { body } = await ask('post', '/accounts', { body: { name, password: PASSWORD } });
		return { id: (body['account'] as { id: string }).id, token: String(body['token']) };
	};
	return { ...house, ask, register, routes };
}

describe('accounts over HTTP', () => {
	test('register, look, change the password, log out, log in, delete', async () => {
		const { ask, register } = await start();
		const { token, id } = await register('ada');
		expect(await ask('get', '/account', { token })).toMatchObject({ status: 200, body: { id, name: 'ada' } });
		const change = { current: PASSWORD, next: 'another horse' };
		expect((await ask('put', '/account/password', { token, body: change })).status).toBe(204);
		expect((await ask('delete', '/sessions/current', { token })).status).toBe(204);
		expect((await ask('get', '/account', { token })).status).toBe(401);
		const again = await ask('post', '/sessions', { body: { name: 'ada', password: 'another horse' } });
		expect(again.status).toBe(201);
		const deletion = { token: String(again.body['token']), body: { password: 'another horse' } };
		expect((await ask('post', '/account/deletion', deletion)).status).toBe(204);
		expect(
			(await ask('post', '/sessions', { body: { name: 'ada', password: 'another horse' } })).status
		).toBe(401);
	});

	test('a taken name is 409, and both wrong logins give the same bytes', async () => {
		const { ask, register, origin } = await start();
		await register('ada');
		expect((await ask('post', '/accounts', { body: { name: 'ADA', password: PASSWORD } })).status).toBe(409);
		const wrong = async (name: string) => {
			const response = await fetch(`${origin}/api/v1/sessions`, {
				method: 'POST',
				headers: { 'Content-Type': 'application/json' },
				body: JSON.stringify({ name, password: 'wrong' })
			});
			const headers = [...response.headers].filter(([key]) => key !== 'date');
			return { status: response.status, text: await response.text(), headers };
		};
		expect(await wrong('ada')).toEqual(await wrong('nobody'));
	});

	test('too many wrong passwords are 429 with the time to wait', async () => {
		const { ask } = await start();
		const guess = () => ask('post', '/sessions', { body: { name: 'ada', password: 'guess' } });
		for (let index = 0; index < 10; index++) expect((await guess()).status).toBe(401);
		const { status, headers } = await guess();
		expect([status, headers.get('Retry-After')]).toEqual([429, '60']);
	});

	test('what is wrong with the fields is said one by one, and none of it is repeated', async () => {
		const { ask } = await start();
		const bad = { name: 'a b', password: 'short', more: 'canary' };
		const { status, body } = await ask('post', '/accounts', { body: bad });
		expect(status).toBe(400);
		const errors = body['errors'] as { field: string }[];
		expect(errors.map(({ field }) => field).sort()).toEqual(['/more', '/name', '/password']);
		expect(JSON.stringify(body)).not.toContain('canary');
		expect(JSON.stringify(body)).not.toContain('short"');
	});

	test('names: letters of any script, no marks that deceive', async () => {
		const { ask } = await start();
		const status = async (name: unknown) =>
			(await ask('post', '/accounts', { body: { name, password: PASSWORD } })).status;
		for (const name of ['小明', 'Zoë', 'о.р', 'a-1']) expect(await status(name), name).toBe(201);
		for (const name of [
			'a',
			'',
			'a b',
			'-a',
			'a\u202eb',
			'a\u0000b',
			'<b>',
			'x'.repeat(33),
			3,
			null,
			['ab']
		]) {
			expect(await status(name)).toBe(400);
		}
	});
});

describe('rooms over HTTP', () => {
	test('create, list, invite, join, see each other, hand over, leave', async () => {
		const { ask, register, clock } = await start();
		const [ada, bob] = [await register('ada'), await register('bob')];
		const made = await ask('post', '/rooms', { token: ada.token, body: { access: { kind: 'private' } } });
		const params = { room: String(made.body['id']), account: bob.id };
		const invited = await ask('post', '/rooms/{room}/invites', {
			token: ada.token,
			params,
			body: { uses: 1, life: 3_600 }
		});
		const body = { invite: invited.body['code'] };
		const join = () => ask('post', '/rooms/{room}/members', { token: bob.token, params, body });
		clock.turn(1);
		expect((await join()).status).toBe(201);
		expect((await join()).status).toBe(409);
		expect((await ask('get', '/rooms', { token: bob.token })).body['rooms']).toMatchObject([
			{ id: params.room, role: 'member' }
		]);
		const { body: list } = await ask('get', '/rooms/{room}/members', { token: bob.token, params });
		expect(list['members']).toMatchObject([
			{ name: 'ada', role: 'owner' },
			{ name: 'bob', role: 'member' }
		]);
		const leave = { token: ada.token, params: { ...params, account: ada.id } };
		expect((await ask('delete', '/rooms/{room}/members/{account}', leave)).status).toBe(409);
		const owner = { token: ada.token, params, body: { role: 'owner' } };
		expect((await ask('put', '/rooms/{room}/members/{account}/role', owner)).status).toBe(204);
		expect((await ask('delete', '/rooms/{room}/members/{account}', leave)).status).toBe(204);
		expect((await ask('get', '/rooms/{room}', { token: bob.token, params })).body).toMatchObject({
			role: 'owner'
		});
		expect((await ask('delete', '/rooms/{room}', { token: bob.token, params })).status).toBe(204);
	});

	test('open rooms are listed with the key their owner published; a taken name is 409', async () => {
		const { ask, register } = await start();
		const [ada, bob] = [await register('ada'), await register('bob')];
		const body = { access: { kind: 'open', name: 'Garden', key: KEY } };
		const { body: made } = await ask('post', '/rooms', { token: ada.token, body });
		expect((await ask('post', '/rooms', { token: bob.token, body })).status).toBe(409);
		const listed = await ask('get', '/rooms/open', { token: bob.token });
		expect(listed.body['rooms']).toEqual([{ id: made['id'], name: 'Garden', key: KEY, members: 1 }]);
		const join = { token: bob.token, params: { room: String(made['id']) }, body: { invite: null } };
		expect((await ask('post', '/rooms/{room}/members', join)).status).toBe(201);
	});

	test('a private room and one that is not there give the same answer to whoever is not in it', async () => {
		const { ask, register, routes } = await start();
		const [ada, eve] = [await register('ada'), await register('eve')];
		const made = await ask('post', '/rooms', { token: ada.token, body: { access: { kind: 'private' } } });
		const bodies: Record<string, unknown> = {
			'post /rooms/{room}/members': { invite: KEY },
			'post /rooms/{room}/invites': { uses: 1, life: 60 },
			'put /rooms/{room}/members/{account}/role': { role: 'owner' }
		};
		const within = routes.filter(({ path }) => path.includes('{room}'));
		expect(within.length).toBeGreaterThan(7);
		for (const { method, path } of within) {
			const answer = async (room: string) => {
				const body = bodies[`${method} ${path}`];
				const params = { room, account: ada.id };
				const asked = { token: eve.token, params, ...(body ? { body } : {}) };
				const { status, body: problem, headers } = await ask(method, path, asked);
				return { status, problem, headers: [...headers].filter(([key]) => key !== 'date') };
			};
			const hidden = await answer(String(made.body['id']));
			expect(hidden.status).toBe(404);
			expect(hidden).toEqual(await answer(NOWHERE));
			expect(hidden).toEqual(await answer('no-id'));
		}
	});

	test('a member who is no owner gets 403', async () => {
		const { ask, register, rooms } = await start();
		const [ada, bob] = [await register('ada'), await register('bob')];
		const { id } = await rooms.create(ada.id, { kind: 'open', name: 'Garden', key: KEY });
		await rooms.join(bob.id, id, null);
		const asked = { token: bob.token, params: { room: id, account: ada.id } };
		expect((await ask('delete', '/rooms/{room}', asked)).status).toBe(403);
		expect((await ask('delete', '/rooms/{room}/members/{account}', asked)).status).toBe(403);
		expect((await ask('delete', '/rooms/{room}/invites', asked)).status).toBe(403);
	});
});

describe('every route', () => {
	test('that is for accounts asks for a good token first', async () => {
		const { ask, routes } = await start();
		for (const { method, path, access } of routes) {
			if (access !== 'account') continue;
			for (const token of [undefined, 'x', 't'.repeat(43)]) {
				const { status, headers } = await ask(method, path, token ? { token } : {});
				expect([status, headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer']);
			}
		}
	});

	test('with a body refuses what is no JSON, no object, too large, or of another type', async () => {
		const { ask, register, routes } = await start();
		const { token } = await register('ada');
		const json = { 'Content-Type': 'application/json' };
		for (const { method, path, body } of routes) {
			if (!body) continue;
			const status = async (raw: BodyInit, headers: Record<string, string> = json) =>
				(await ask(method, path, { token, raw, headers })).status;
			expect(await status('{')).toBe(400);
			expect(await status(new Uint8Array([0x22, 0xff, 0x22]))).toBe(400);
			expect(await status('['.repeat(8_000))).toBe(400);
			expect(await status('[]')).toBe(400);
			expect(await status('{"__proto__":{"name":"x"}}')).toBe(400);
			expect(await status('{}', { 'Content-Type': 'text/plain' })).toBe(415);
			expect(await status(' '.repeat(20_000))).toBe(413);
		}
	});

	test('counts requests by address: beyond the limit 429', async () => {
		const { ask } = await start({ requests: { burst: 3, every: 1_000 } });
		const statuses = [];
		for (let index = 0; index < 4; index++) statuses.push((await ask('get', '/account')).status);
		expect(statuses).toEqual([401, 401, 401, 429]);
	});
});

test('a database without room is told as such, whichever it is', () => {
	const kindOf = (error: object) => problemResponse(Object.assign(new Error('no room'), error)).kind;
	// SQLITE_FULL, and PostgreSQL's disk_full
	expect([kindOf({ errcode: 13 }), kindOf({ code: '53100' })]).toEqual(['storage-full', 'storage-full']);
	expect([kindOf({ errcode: 1 }), kindOf({ code: '53200' })]).toEqual(['internal', 'internal']);
});

test('a database that cannot write or read is told as such, whichever it is', () => {
	const kindOf = (error: object) => problemResponse(Object.assign(new Error('no disk'), error)).kind;
	// SQLITE_READONLY, SQLITE_IOERR_WRITE, SQLITE_CANTOPEN; PostgreSQL's io_error and read_only_sql_transaction
	for (const error of [
		{ errcode: 8 },
		{ errcode: 778 },
		{ errcode: 14 },
		{ code: '58030' },
		{ code: '25006' }
	])
		expect(kindOf(error), JSON.stringify(error)).toBe('not-ready');
});

describe('CORS', () => {
	test('[H5] only origins of the list, to the letter, may read the answers', async () => {
		const { origin: server } = await start();
		const allowed = async (origin: string) => {
			const preflight = await fetch(`${server}/api/v1/account`, {
				method: 'OPTIONS',
				headers: { Origin: origin }
			});
			const answer = await fetch(`${server}/api/v1/account`, { headers: { Origin: origin } });
			return [preflight, answer].map((response) => response.headers.get('Access-Control-Allow-Origin'));
		};
		expect(await allowed(APP)).toEqual([APP, APP]);
		for (const origin of [
			'null',
			`${APP}.evil.example`,
			'https://evil.example',
			`${APP}/`,
			'http://app.example'
		]) {
			expect(await allowed(origin)).toEqual([null, null]);
		}
	});

	test('credentials are never allowed: there are no cookies', async () => {
		const { origin } = await start();
		const response = await fetch(`${origin}/api/v1/account`, { headers: { Origin: APP } });
		expect(response.headers.get('Access-Control-Allow-Credentials')).toBeNull();
		expect(response.headers.get('Set-Cookie')).toBeNull();
		expect(response.headers.get('Vary')).toBe('Origin');
	});
});

describe('the OpenAPI document', () => {
	test('is served, and describes each route with all its refusals', async () => {
		const { origin, routes } = await start();
		const document: unknown = await (await fetch(`${origin}/api/v1/openapi.json`)).json();
		expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument(routes))));
		const { openapi, paths } = document as {
			openapi: string;
			paths: Record<string, Record<string, { operationId: string; responses: object }>>;
		};
		expect(openapi).toBe('3.1.0');
		const ids = routes.map(({ method, path }) => paths[path]?.[method]?.operationId);
		expect(new Set(ids).size).toBe(routes.length);
		for (const route of routes) {
			const statuses = Object.keys(paths[route.path]?.[route.method]?.responses ?? {});
			for (const kind of refusalsOf(route)) expect(statuses).toContain(String(PROBLEMS[kind].status));
		}
	});

	test('points to nothing that is not in it', async () => {
		const { routes } = await start();
		const document = JSON.stringify(openApiDocument(routes));
		const references = [...document.matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target);
		expect(new Set(references)).toEqual(new Set(['#/components/schemas/Problem']));
	});
});

describe('probes', () => {
	test('/healthz lives as long as the process, /readyz says no while the log cannot store or the server stops', async () => {
		const { origin, database, state } = await start();
		const status = async (path: string) => (await fetch(origin + path)).status;
		expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200]);
		// no other transaction can begin
		database.exec('BEGIN');
		expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
		database.exec('ROLLBACK');
		expect(await status('/readyz')).toBe(200);
		state.stopping = true;
		expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
	});

	test('/metrics counts by route, and answers only to this machine', async () => {
		const { origin, register } = await start();
		await register('ada');
		await fetch(`${origin}/api/v1/rooms/${NOWHERE}`);
		const text = await (await fetch(`${origin}/metrics`)).text();
		expect(text).toContain(
			'alcove_http_requests_total{method="POST",route="/api/v1/accounts",status="201"} 1'
		);
		expect(text).toContain(
			'alcove_http_requests_total{method="GET",route="/api/v1/rooms/:room",status="401"} 1'
		);
		expect(text).not.toContain(NOWHERE);
		const outside = await fetch(`${origin}/metrics`, { headers: { 'X-Forwarded-For': '203.0.113.9' } });
		expect(outside.status).toBe(404);
	});
});

test('the log of all this holds no password, no token, no name and no id', async () => {
	const { ask, register, lines } = await start();
	const { token, id } = await register('canaryname');
	await ask('post', '/sessions', { body: { name: 'canaryname', password: 'canarypassword' } });
	await ask('get', '/rooms/{room}', { token });
	const text = lines.join('');
	expect(lines.length).toBe(3);
	for (const secret of ['canary', PASSWORD, token, id, NOWHERE, '127.0.0.1'])
		expect(text).not.toContain(secret);
	expect(JSON.parse(lines[0] ?? '')).toMatchObject({
		level: 'info',
		event: 'request',
		route: '/api/v1/accounts',
		status: 201
	});
});
