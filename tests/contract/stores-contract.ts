import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { AccountStore } from '../../src/server/accounts/store.ts';
import type { Join, RoomStore } from '../../src/server/rooms/store.ts';

/** The stores of one database. */
export interface StoresUnderTest {
	accounts: AccountStore;
	rooms: RoomStore;
	remove(): Promise<void>;
}

const newId = () => randomBytes(16).toString('base64url');
const MOST = { members: 100, rooms: 100 };

/** What every AccountStore and RoomStore promises, also to many who ask at once. `make` gives empty ones. */
export function storesContract(name: string, make: () => Promise<StoresUnderTest>): void {
	describe(`the stores in ${name}`, () => {
		const cleanUp: (() => Promise<void>)[] = [];
		afterEach(async () => {
			for (const step of cleanUp.splice(0)) await step();
		});

		async function start() {
			const stores = await make();
			cleanUp.push(() => stores.remove());
			const { accounts, rooms } = stores;
			const person = async (called = newId()) => {
				const account = { id: newId(), name: called, createdAt: 5, passwordHash: 'hash' };
				expect(await accounts.create(account, called.toLowerCase())).toBe(true);
				return account.id;
			};
			/** An open room of an owner's. */
			const open = async (owner: string, called = newId()) => {
				const room = { id: newId(), access: { kind: 'open' as const, name: called, key: 'k' }, createdAt: 1 };
				expect(await rooms.create(room, owner, 100)).toBe('created');
				return room.id;
			};
			const join = (room: string, account: string, more: Partial<Join> = {}) =>
				rooms.join({ room, account, at: 10, codeHash: null, most: MOST, ...more });
			return { accounts, rooms, person, open, join };
		}

		test('an account is found by name and id, and its name is taken once among many who ask at once', async () => {
			const { accounts } = await start();
			const tries = Array.from({ length: 8 }, (_, index) => ({
				...{ id: newId(), name: `Ada${index}`, createdAt: 1_700_000_000_000, passwordHash: '$argon2id$' }
			}));
			const made = await Promise.all(tries.map((account) => accounts.create(account, 'ada')));
			expect(made.filter(Boolean)).toHaveLength(1);
			const winner = tries[made.indexOf(true)];
			expect(await accounts.byKey('ada')).toEqual(winner);
			expect(await accounts.byId(winner?.id ?? '')).toEqual(winner);
			expect(await accounts.byKey('Ada')).toBeNull();
			expect(await accounts.byId(newId())).toBeNull();
		});

		test('sessions are found by their hash, end one by one, by time, beyond the most, and with their account', async () => {
			const { accounts, person } = await start();
			const ada = await person();
			const session = (id: string, expiresAt: number) => ({ id, account: ada, expiresAt });
			await Promise.all(
				[1, 2, 3, 4, 5].map((n) => accounts.addSession(session(`s${n}`, n * 10), `hash${n}`, 4))
			);
			expect(await accounts.session('hash1')).toBeNull();
			expect(await accounts.session('hash5')).toEqual(session('s5', 50));
			await accounts.endSession('s2');
			await accounts.endExpired(30);
			expect(await accounts.ended(['s1', 's2', 's3', 's4', 's5'])).toEqual(['s1', 's2', 's3']);
			expect(await accounts.ended([])).toEqual([]);
			await accounts.setPassword(ada, 'new hash', 's4');
			expect(await accounts.ended(['s4', 's5'])).toEqual(['s5']);
			expect((await accounts.byId(ada))?.passwordHash).toBe('new hash');
			await accounts.endSessions(ada);
			expect(await accounts.session('hash4')).toBeNull();
			await accounts.addSession(session('s6', 60), 'hash6', 4);
			await accounts.remove(ada);
			expect(await accounts.session('hash6')).toBeNull();
			expect(await accounts.byId(ada)).toBeNull();
		});

		test('a room is made, listed, searched for and removed; its name is taken once in all its spellings', async () => {
			const { rooms, person, open, join } = await start();
			const [ada, bob] = [await person('ada'), await person('bob')];
			const garden = await open(ada, 'Garden 100%_');
			const secret = { id: newId(), access: { kind: 'private' as const }, createdAt: 2 };
			expect(await rooms.create(secret, ada, 100)).toBe('created');
			// an id is taken once, too, and says nothing of whose it is
			expect(await rooms.create(secret, bob, 100)).toBe('name-taken');
			const same = { kind: 'open' as const, name: 'GARDEN 100%_', key: 'k' };
			expect(await rooms.create({ id: newId(), access: same, createdAt: 3 }, bob, 100)).toBe('name-taken');
			expect(await rooms.create({ id: newId(), access: same, createdAt: 3 }, ada, 2)).toBe('too-many-rooms');
			expect((await rooms.mine(ada)).map(({ id, role }) => [id, role])).toEqual([
				[secret.id, 'owner'],
				[garden, 'owner']
			]);
			expect(await rooms.room(secret.id)).toEqual(secret);
			expect(await rooms.open(bob, 'en 1', 9)).toEqual([
				{ id: garden, name: 'Garden 100%_', key: 'k', members: 1 }
			]);
			expect([await rooms.open(bob, '_%', 9), await rooms.open(ada, '', 9)]).toEqual([[], []]);
			expect(await join(garden, bob)).toBe('joined');
			expect(await rooms.members(garden)).toEqual([
				{ account: ada, name: 'ada', role: 'owner', joinedAt: 1 },
				{ account: bob, name: 'bob', role: 'member', joinedAt: 10 }
			]);
			await rooms.remove(garden);
			expect([await rooms.room(garden), await rooms.members(garden)]).toEqual([null, []]);
			await open(bob, 'Garden 100%_');
		});

		test('who is no member, or whose room is gone, is an outsider', async () => {
			const { rooms, person, open } = await start();
			const [ada, bob] = [await person(), await person()];
			const room = await open(ada);
			const gone = newId();
			const places = [
				{ room, account: ada },
				{ room, account: bob },
				{ room: gone, account: ada }
			];
			const found = await rooms.outsiders(places);
			expect(found.sort((a, b) => Number(a.closed) - Number(b.closed))).toEqual([
				{ room, account: bob, closed: false },
				{ room: gone, account: ada, closed: true }
			]);
			expect(await rooms.outsiders([])).toEqual([]);
		});

		test('an invite lets in as many as it says, however many come at once, and no room grows beyond its bound', async () => {
			const { rooms, person, open, join } = await start();
			const people = await Promise.all(Array.from({ length: 8 }, () => person()));
			const [owner = '', ...others] = people;
			const secret = { id: newId(), access: { kind: 'private' as const }, createdAt: 2 };
			await rooms.create(secret, owner, 100);
			const invite = { codeHash: 'code', room: secret.id, expiresAt: 100, uses: 3 };
			expect(await rooms.invite(invite, 0, 1)).toBe(true);
			expect(await rooms.invite({ ...invite, codeHash: 'more' }, 0, 1)).toBe(false);
			const codeHash = 'code';
			const came = await Promise.all(others.map((account) => join(secret.id, account, { codeHash })));
			expect(came.filter((outcome) => outcome === 'joined')).toHaveLength(3);
			expect(came.filter((outcome) => outcome === 'not-found')).toHaveLength(4);
			const small = await open(owner);
			const most = { members: 4, rooms: 100 };
			const entered = await Promise.all(others.map((account) => join(small, account, { most })));
			expect(entered.filter((outcome) => outcome === 'joined')).toHaveLength(3);
			expect(entered.filter((outcome) => outcome === 'room-full')).toHaveLength(4);
		});

		test('one account joins no more rooms than it may, and none twice, also at once', async () => {
			const { person, open, join } = await start();
			const [ada, bob] = [await person(), await person()];
			const ids = await Promise.all(Array.from({ length: 6 }, () => open(ada)));
			const most = { members: 100, rooms: 4 };
			const outcomes = await Promise.all([...ids, ids[0] ?? ''].map((room) => join(room, bob, { most })));
			expect(outcomes.filter((outcome) => outcome === 'joined')).toHaveLength(4);
			expect(
				outcomes.filter((outcome) => outcome === 'joined' || outcome === 'too-many-rooms').length
			).toBeGreaterThanOrEqual(6);
		});

		test('an invite expires, ends with the others, and lets in whom the room had removed', async () => {
			const { rooms, person, open, join } = await start();
			const [ada, bob] = [await person(), await person()];
			const room = await open(ada);
			await join(room, bob);
			expect(await rooms.ban(room, bob)).toBe(true);
			expect(await rooms.ban(room, bob)).toBe(false);
			expect(await join(room, bob)).toBe('banned');
			expect(await rooms.open(bob, '', 9)).toEqual([]);
			const invite = { codeHash: 'code', room, expiresAt: 10, uses: 1 };
			await rooms.invite(invite, 0, 9);
			expect(await join(room, bob, { codeHash: 'code' })).toBe('not-found');
			expect(await join(room, bob, { codeHash: 'code', at: 9 })).toBe('joined');
			expect(await join(room, bob, { codeHash: 'code', at: 9 })).toBe('already-member');
			await rooms.invite({ ...invite, codeHash: 'other', expiresAt: 100 }, 0, 9);
			await rooms.endInvites(room);
			expect(await rooms.leave(room, bob, false)).toBe('left');
			expect(await join(room, bob, { codeHash: 'other' })).toBe('not-found');
		});

		test('a room keeps an owner while it has members, also when all its owners go at once', async () => {
			const { rooms, person, open, join } = await start();
			const [ada, bob, eve] = [await person(), await person(), await person()];
			const room = await open(ada);
			await join(room, bob);
			await join(room, eve, { at: 11 });
			expect(await rooms.setRole(room, ada, 'member')).toBe('last-owner');
			expect(await rooms.setRole(room, newId(), 'owner')).toBe(false);
			expect(await rooms.setRole(room, bob, 'owner')).toBe(true);
			const went = await Promise.all([rooms.leave(room, ada, false), rooms.leave(room, bob, false)]);
			expect(went.sort()).toEqual(['last-owner', 'left']);
			const [left] = (await rooms.members(room)).filter(({ role }) => role === 'owner');
			expect(await rooms.leave(room, left?.account ?? '', true)).toBe('left');
			expect(await rooms.members(room)).toMatchObject([{ account: eve, role: 'owner' }]);
			expect(await rooms.leave(room, left?.account ?? '', true)).toBe('not-found');
			expect(await rooms.leave(room, eve, false)).toBe('closed');
			expect(await rooms.room(room)).toBeNull();
		});
	});
}
