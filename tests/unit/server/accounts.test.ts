import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { nameKey } from '../../../src/server/accounts/accounts.ts';
import { DEFAULT_COST, Passwords } from '../../../src/server/accounts/password.ts';
import { SqliteAccountStore } from '../../../src/server/accounts/sqlite.ts';
import { openDatabase } from '../../../src/server/database.ts';
import { buildHouse, CHEAP, outcome } from './support/house.ts';

// enough for a machine that is busy with other things
vi.setConfig({ testTimeout: 30_000 });

const HOME = '192.0.2.1';

describe('registering and logging in', () => {
	test('whoever registers is logged in, and can log in again by any spelling of the name', async () => {
		const { accounts } = buildHouse();
		const { account, token } = await accounts.register('Zoë', 'correct horse', HOME);
		expect((await accounts.authenticate(token)).account.id).toBe(account.id);
		const again = await accounts.logIn('ZOE\u0308', 'correct horse', HOME);
		expect(again.account.id).toBe(account.id);
		expect(again.token).not.toBe(token);
	});

	test('a name is taken in all its spellings, also when two ask at once', async () => {
		const { accounts } = buildHouse();
		const tries = ['ada', 'ADA', 'Ａda'].map((name) => outcome(accounts.register(name, 'x'.repeat(9), HOME)));
		expect((await Promise.all(tries)).sort()).toEqual(['granted', 'name-taken', 'name-taken']);
	});

	test('an unknown name and a wrong password are told apart by nothing', async () => {
		const { accounts } = buildHouse();
		await accounts.register('ada', 'correct horse', HOME);
		expect(await outcome(accounts.logIn('ada', 'wrong horse', HOME))).toBe('credentials');
		expect(await outcome(accounts.logIn('nobody', 'wrong horse', HOME))).toBe('credentials');
	});

	test('neither the token nor the password is in the database', async () => {
		const { accounts, database } = buildHouse();
		const { token } = await accounts.register('ada', 'correct horse', HOME);
		const rows = ['account', 'session'].flatMap((table) => database.prepare(`SELECT * FROM ${table}`).all());
		expect(JSON.stringify(rows)).toContain('$argon2id$v=19$');
		expect(JSON.stringify(rows)).not.toContain(token);
		expect(JSON.stringify(rows)).not.toContain('horse');
	});
});

describe('limits', () => {
	test('one account: the eleventh wrong password waits, the right one too, from any address', async () => {
		const { accounts, clock } = buildHouse();
		await accounts.register('ada', 'correct horse', HOME);
		for (let index = 0; index < 10; index++) {
			expect(await outcome(accounts.logIn('ADA', 'guess', `192.0.2.${index}`))).toBe('credentials');
		}
		const refused = accounts.logIn('ada', 'correct horse', '198.51.100.1');
		await expect(refused).rejects.toMatchObject({ kind: 'rate', wait: 60_000 });
		clock.turn(60_000);
		expect(await outcome(accounts.logIn('ada', 'correct horse', '198.51.100.1'))).toBe('granted');
	});

	test('an account that does not exist has the same limit', async () => {
		const { accounts } = buildHouse();
		for (let index = 0; index < 10; index++) await outcome(accounts.logIn('nobody', 'x', `192.0.2.${index}`));
		expect(await outcome(accounts.logIn('nobody', 'x', '198.51.100.1'))).toBe('rate');
	});

	test('one address: the thirty-first name waits', async () => {
		const { accounts } = buildHouse();
		for (let index = 0; index < 30; index++) {
			expect(await outcome(accounts.logIn(`name${index}`, 'x', HOME))).toBe('credentials');
		}
		expect(await outcome(accounts.logIn('another', 'x', HOME))).toBe('rate');
		expect(await outcome(accounts.logIn('another', 'x', '198.51.100.1'))).toBe('credentials');
	});

	test('right passwords do not count', async () => {
		const { accounts } = buildHouse();
		await accounts.register('ada', 'correct horse', HOME);
		for (let index = 0; index < 40; index++) {
			expect(await outcome(accounts.logIn('ada', 'correct horse', HOME))).toBe('granted');
		}
	});

	test('one address registers ten accounts', async () => {
		const { accounts } = buildHouse();
		for (let index = 0; index < 10; index++) await accounts.register(`name${index}`, 'x'.repeat(9), HOME);
		expect(await outcome(accounts.register('another', 'x'.repeat(9), HOME))).toBe('rate');
	});
});

describe('sessions', () => {
	test('end at log out, at their time, and all at once', async () => {
		const { accounts, clock, said } = buildHouse();
		const first = await accounts.register('ada', 'correct horse', HOME);
		const second = await accounts.logIn('ada', 'correct horse', HOME);
		await accounts.logOut(first.session);
		expect(await outcome(accounts.authenticate(first.token))).toBe('token');
		expect(await outcome(accounts.authenticate(second.token))).toBe('granted');
		expect(said).toEqual([
			{ kind: 'revoked', account: first.account.id, sessions: { only: first.session.id } }
		]);
		await accounts.logOutEverywhere(first.account.id);
		expect(await outcome(accounts.authenticate(second.token))).toBe('token');
		const third = await accounts.logIn('ada', 'correct horse', HOME);
		clock.turn(90 * 24 * 3_600_000);
		expect(await outcome(accounts.authenticate(third.token))).toBe('token');
	});

	test('beyond 32 the oldest end', async () => {
		const { accounts, clock } = buildHouse();
		const first = await accounts.register('ada', 'correct horse', HOME);
		let last = first;
		for (let index = 0; index < 32; index++) {
			clock.turn(1);
			last = await accounts.logIn('ada', 'correct horse', HOME);
		}
		expect(await outcome(accounts.authenticate(first.token))).toBe('token');
		expect(await outcome(accounts.authenticate(last.token))).toBe('granted');
	});

	test('a changed password logs the other devices out, and a wrong one changes nothing', async () => {
		const { accounts, said } = buildHouse();
		const mine = await accounts.register('ada', 'correct horse', HOME);
		const other = await accounts.logIn('ada', 'correct horse', HOME);
		expect(await outcome(accounts.changePassword(mine.session, 'wrong', 'new horse', HOME))).toBe(
			'credentials'
		);
		expect(await outcome(accounts.authenticate(other.token))).toBe('granted');
		await accounts.changePassword(mine.session, 'correct horse', 'new horse', HOME);
		expect(await outcome(accounts.authenticate(other.token))).toBe('token');
		expect(await outcome(accounts.authenticate(mine.token))).toBe('granted');
		expect(await outcome(accounts.logIn('ada', 'correct horse', HOME))).toBe('credentials');
		expect(await outcome(accounts.logIn('ada', 'new horse', HOME))).toBe('granted');
		expect(said).toEqual([
			{ kind: 'revoked', account: mine.account.id, sessions: { allBut: mine.session.id } }
		]);
	});
});

test('[S7] a deleted account is gone: its name is free, its rooms pass on or close, its words are erased', async () => {
	const { accounts, rooms, log, person } = buildHouse();
	const [ada, bob] = [await person('ada'), await person('bob')];
	const shared = await rooms.create(ada.account.id, { kind: 'open', name: 'Shared', key: 'k' });
	const alone = await rooms.create(ada.account.id, { kind: 'private' });
	await rooms.join(bob.account.id, shared.id, null);
	await log.append({ room: shared.id, from: ada.account.id, id: 'a', body: 'adas' });
	await log.append({ room: shared.id, from: bob.account.id, id: 'b', body: 'bobs' });
	await log.append({ room: alone.id, from: ada.account.id, id: 'c', body: 'adas' });
	expect(await outcome(accounts.remove(ada.session, 'wrong', HOME))).toBe('credentials');
	await accounts.remove(ada.session, 'password of ada', HOME);
	expect(await outcome(accounts.authenticate(ada.token))).toBe('token');
	expect(await rooms.members(bob.account.id, shared.id)).toMatchObject([{ name: 'bob', role: 'owner' }]);
	const stored = await log.read(shared.id, 0, { events: 10, chars: 1_000 });
	expect(stored.map(({ body }) => body)).toEqual(['', 'bobs']);
	expect(await log.head(alone.id)).toBe(0);
	await person('ada');
});

test('a removed account is in none of the files', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'alcove-accounts-'));
	const database = openDatabase(join(folder, 'rooms.db'));
	try {
		const store = new SqliteAccountStore(database);
		const account = { id: 'id', name: 'CANARYNAME', createdAt: 0, passwordHash: 'CANARYHASH' };
		await store.create(account, 'canary');
		await store.addSession({ id: 's', account: 'id', expiresAt: 9 }, 'CANARYTOKEN', 9);
		const found = () =>
			readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes('CANARY'));
		expect(found()).toBe(true);
		await store.remove('id');
		expect(found()).toBe(false);
	} finally {
		database.close();
		rmSync(folder, { recursive: true });
	}
});

describe('passwords', () => {
	test('the event loop turns while one is hashed, and a flood is refused instead of queued for ever', async () => {
		const passwords = new Passwords(DEFAULT_COST);
		const { active } = await loopWhile(() => passwords.hash('correct horse'));
		expect(active).toBeGreaterThan(5);
		const cheap = new Passwords(CHEAP);
		const flood = Array.from({ length: 100 }, () => outcome(cheap.hash('x')));
		const refused = (await Promise.all(flood)).filter((result) => result === 'busy');
		expect(refused).toHaveLength(100 - 2 - 64);
		expect(await cheap.verify(await cheap.hash('later'), 'later')).toBe(true);
	});

	test('a hash carries its own cost, so that the cost can be raised later', async () => {
		const old = await new Passwords(CHEAP).hash('correct horse');
		const now = new Passwords({ memory: 16, passes: 2 });
		expect(await now.verify(old, 'correct horse')).toBe(true);
		expect(await now.verify(old, 'wrong horse')).toBe(false);
	});

	test('an unknown account costs what a known one does: a whole hash, in the same queue', async () => {
		const passwords = new Passwords(CHEAP);
		const known = await passwords.hash('x');
		for (const stored of [known, null]) {
			const flood = Array.from({ length: 100 }, () => outcome(passwords.verify(stored, 'wrong')));
			expect((await Promise.all(flood)).filter((result) => result === 'busy')).toHaveLength(100 - 2 - 64);
		}
		expect(await passwords.verify(null, 'x')).toBe(false);
		const { active } = await loopWhile(() => new Passwords(DEFAULT_COST).verify(null, 'x'));
		expect(active).toBeGreaterThan(5);
	});
});

test('names are compared without case, width and composition', () => {
	expect(new Set(['Zoë', 'zoe\u0308', 'ＺＯË'].map(nameKey)).size).toBe(1);
});

/** How many turns the event loop made until `work` was done. */
async function loopWhile(work: () => Promise<unknown>): Promise<{ active: number }> {
	let active = 0;
	let running = true;
	const count = () => {
		active++;
		if (running) setImmediate(count);
	};
	setImmediate(count);
	await work();
	running = false;
	return { active };
}
