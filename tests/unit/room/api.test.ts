import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpApi } from '#lib/room/api.ts';
import { ApiError } from '#lib/room/api-error.ts';
import { openHouse } from '../server/support/http.ts';
import { newId } from '../server/support/peer.ts';

const PASSWORD = 'correct horse';
const KEY = 'k'.repeat(43);

let house: Awaited<ReturnType<typeof openHouse>>;
beforeEach(async () => (house = await openHouse()));
afterEach(() => house.close());

/** An account on the real server, as the page asks for it. */
function visitor() {
	const kept: { token: string | null } = { token: null };
	const api = new HttpApi({ server: house.origin, fetch, token: () => kept.token });
	const register = async (name: string) => {
		const session = await api.register(name, PASSWORD);
		kept.token = session.token;
		return session;
	};
	return { api, kept, register };
}

/** What a call was refused for, or "granted". */
async function refusal(call: Promise<unknown>): Promise<string> {
	return call.then(
		() => 'granted',
		(error: unknown) => {
			if (error instanceof ApiError) return error.kind;
			throw error;
		}
	);
}

describe('the account', () => {
	test('is made, proved, changed and deleted', async () => {
		const { api, kept, register } = visitor();
		const { account, name } = await register('ada');
		expect(name).toBe('ada');
		expect(await refusal(api.changePassword('wrong horse', 'another horse'))).toBe('credentials');
		await api.changePassword(PASSWORD, 'another horse');
		await api.logOut();
		expect(await refusal(api.rooms())).toBe('token');
		expect(await refusal(api.logIn('ada', PASSWORD))).toBe('credentials');
		const again = await api.logIn('ada', 'another horse');
		expect(again.account).toBe(account);
		kept.token = again.token;
		await api.deleteAccount('another horse');
		expect(await refusal(api.logIn('ada', 'another horse'))).toBe('credentials');
	});

	test('is logged out everywhere', async () => {
		const { api, kept, register } = visitor();
		const first = await register('ada');
		kept.token = (await api.logIn('ada', PASSWORD)).token;
		await api.logOutEverywhere();
		kept.token = first.token;
		expect(await refusal(api.rooms())).toBe('token');
	});

	test('is refused field by field', async () => {
		const error = await visitor()
			.api.register('a', 'short')
			.catch((caught: unknown) => caught as ApiError);
		expect(error).toMatchObject({ kind: 'invalid' });
		expect(error instanceof ApiError && error.fields.map(({ field }) => field)).toEqual(['name', 'password']);
	});

	test('is told of a name that is taken', async () => {
		await visitor().register('ada');
		expect(await refusal(visitor().api.register('ADA', PASSWORD))).toBe('name-taken');
	});

	test('says how long to wait after too many tries', async () => {
		const { api, register } = visitor();
		await register('ada');
		let error: unknown;
		for (let tries = 0; tries < 30 && !(error instanceof ApiError && error.kind === 'rate'); tries++) {
			error = await api.logIn('ada', 'wrong horse').catch((caught: unknown) => caught);
		}
		expect(error).toMatchObject({ kind: 'rate' });
		expect(error instanceof ApiError && error.wait).toBeGreaterThan(0);
	});
});

describe('rooms', () => {
	test('are made, listed, found, joined, shared and closed', async () => {
		const ada = visitor();
		const bob = visitor();
		await ada.register('ada');
		const { account } = await bob.register('bob');
		const open = await ada.api.create({ kind: 'open', name: 'Garden', key: KEY }, newId());
		const closed = await ada.api.create({ kind: 'private' }, newId());
		expect(await refusal(ada.api.create({ kind: 'open', name: 'garden', key: KEY }, newId()))).toBe(
			'name-taken'
		);
		expect((await ada.api.rooms()).map(({ id }) => id).sort()).toEqual([open.id, closed.id].sort());
		expect(await bob.api.openRooms('')).toEqual([{ id: open.id, name: 'Garden', key: KEY, members: 1 }]);
		expect(await bob.api.openRooms('nothing like it')).toEqual([]);
		expect((await bob.api.join(open.id, null)).role).toBe('member');
		expect(await refusal(bob.api.join(open.id, null))).toBe('already-member');
		expect(await refusal(bob.api.join(closed.id, null))).toBe('not-found');
		const { code } = await ada.api.invite(closed.id, 1, 3_600);
		await bob.api.join(closed.id, code);
		expect((await ada.api.members(closed.id)).map(({ name }) => name).sort()).toEqual(['ada', 'bob']);
		await ada.api.endInvites(closed.id);
		await ada.api.setRole(open.id, account, 'owner');
		await ada.api.remove(closed.id, account);
		expect(await refusal(bob.api.members(closed.id))).toBe('not-found');
		expect(await refusal(bob.api.close(closed.id))).toBe('not-found');
		await ada.api.close(closed.id);
		expect((await ada.api.rooms()).map(({ id }) => id)).toEqual([open.id]);
	});
});

describe('a place without a sync server', () => {
	const at = (answer: () => Promise<Response>) =>
		new HttpApi({ server: 'https://chat.example', fetch: answer, token: () => null });
	const page = () =>
		Promise.resolve(new Response('<!doctype html>', { headers: { 'Content-Type': 'text/html' } }));
	const json = (body: unknown, status = 200) => at(() => Promise.resolve(Response.json(body, { status })));

	test('is told from one that is away', async () => {
		await visitor().api.look();
		expect(await refusal(at(page).look())).toBe('answer');
		expect(await refusal(at(() => Promise.reject(new TypeError('offline'))).look())).toBe('offline');
		expect(await refusal(json({ hello: 1 }).look())).toBe('answer');
		expect(await refusal(at(() => Promise.resolve(new Response('', { status: 502 }))).look())).toBe('server');
	});

	test.each([
		{ rooms: [{ id: 'short' }] },
		{ rooms: {} },
		{ rooms: [{ id: 'r'.repeat(22), access: { kind: 'secret' }, role: 'owner', createdAt: 1 }] },
		[],
		null
	])('is not believed when it says %j', async (body) => {
		expect(await refusal(json(body).rooms())).toBe('answer');
	});

	test.each([
		[{ type: '/api/v1/problems#unheard-of' }, 418, 'server'],
		[{ type: 7 }, 500, 'server'],
		[{}, 404, 'answer']
	])('is not understood when it refuses with %j', async (body, status, kind) => {
		expect(await refusal(json(body, status).rooms())).toBe(kind);
	});

	test('is left when it is no longer wanted', async () => {
		const leaving = new AbortController();
		const call = visitor().api.look(leaving.signal);
		leaving.abort();
		await expect(call).rejects.toMatchObject({ name: 'AbortError' });
	});
});
