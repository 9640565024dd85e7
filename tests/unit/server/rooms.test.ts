import { describe, expect, test } from 'vitest';
import { buildHouse, outcome } from './support/house.ts';

const HOUR = 3_600_000;

async function roomOfThree(options: Parameters<typeof buildHouse>[0] = {}) {
	const house = buildHouse(options);
	const people = [await house.person('ada'), await house.person('bob'), await house.person('eve')];
	const [ada = '', bob = '', eve = ''] = people.map(({ account }) => account.id);
	const room = await house.rooms.create(ada, { kind: 'private' });
	const { code } = await house.rooms.invite(ada, room.id, 1, HOUR);
	await house.rooms.join(bob, room.id, code);
	house.said.length = 0;
	return { ...house, ada, bob, eve, room: room.id };
}

describe('coming in', () => {
	test('an open room is listed for those who are not in it, and joined without an invite', async () => {
		const { rooms, ada, bob } = await roomOfThree();
		const { id } = await rooms.create(ada, { kind: 'open', name: 'Garden', key: 'key' });
		expect(await rooms.open(bob, 'GARD')).toEqual([{ id, name: 'Garden', key: 'key', members: 1 }]);
		expect(await rooms.open(bob, 'kitchen')).toEqual([]);
		expect(await rooms.open(ada, '')).toEqual([]);
		await rooms.join(bob, id, null);
		expect(await rooms.open(bob, '')).toEqual([]);
		expect((await rooms.mine(bob)).map((room) => room.id)).toContain(id);
		expect(await outcome(rooms.join(bob, id, null))).toBe('already-member');
	});

	test("an open room's name is taken in all its spellings; private rooms have none", async () => {
		const { rooms, ada, bob } = await roomOfThree();
		await rooms.create(ada, { kind: 'open', name: 'Garden', key: 'key' });
		expect(await outcome(rooms.create(bob, { kind: 'open', name: 'GARDEN', key: 'k' }))).toBe('name-taken');
		expect(await outcome(rooms.create(bob, { kind: 'private' }))).toBe('granted');
	});

	test('a private room is found by nobody who is not in it, whatever they ask', async () => {
		const { rooms, eve, bob, room } = await roomOfThree();
		const questions = [
			(id: string) => rooms.room(eve, id),
			(id: string) => rooms.members(eve, id),
			(id: string) => rooms.join(eve, id, null),
			(id: string) => rooms.join(eve, id, 'wrong code'),
			(id: string) => rooms.leave(eve, id),
			(id: string) => rooms.invite(eve, id, 1, HOUR),
			(id: string) => rooms.endInvites(eve, id),
			(id: string) => rooms.removeMember(eve, id, bob),
			(id: string) => rooms.setRole(eve, id, bob, 'owner'),
			(id: string) => rooms.close(eve, id)
		];
		for (const ask of questions) {
			expect(await outcome(ask(room))).toBe('not-found');
			expect(await outcome(ask('no-such-room'))).toBe('not-found');
		}
		expect(await rooms.open(eve, '')).toEqual([]);
	});

	test('an invite is used up, expires, and is good for its own room only', async () => {
		const { rooms, clock, ada, bob, eve, room } = await roomOfThree();
		const once = await rooms.invite(bob, room, 1, HOUR);
		const other = await rooms.create(ada, { kind: 'private' });
		expect(await outcome(rooms.join(eve, other.id, once.code))).toBe('not-found');
		expect(await outcome(rooms.join(bob, room, once.code))).toBe('already-member');
		await rooms.join(eve, room, once.code);
		await rooms.leave(eve, room);
		expect(await outcome(rooms.join(eve, room, once.code))).toBe('not-found');
		const late = await rooms.invite(ada, room, 5, HOUR);
		clock.turn(HOUR);
		expect(await outcome(rooms.join(eve, room, late.code))).toBe('not-found');
		const ended = await rooms.invite(ada, room, 5, HOUR);
		await rooms.endInvites(ada, room);
		expect(await outcome(rooms.join(eve, room, ended.code))).toBe('not-found');
	});

	test('the limits hold: members, rooms, invites, tries', async () => {
		const limits = {
			membersPerRoom: 2,
			roomsPerAccount: 2,
			invitesPerRoom: 1,
			join: { burst: 4, every: HOUR }
		};
		const { rooms, ada, bob, eve, room } = await roomOfThree({ rooms: limits });
		const { code } = await rooms.invite(ada, room, 9, HOUR);
		expect(await outcome(rooms.invite(ada, room, 9, HOUR))).toBe('too-many-invites');
		expect(await outcome(rooms.join(eve, room, code))).toBe('room-full');
		await rooms.create(ada, { kind: 'private' });
		expect(await outcome(rooms.create(ada, { kind: 'private' }))).toBe('too-many-rooms');
		const { id } = await rooms.create(bob, { kind: 'open', name: 'Garden', key: 'key' });
		expect(await outcome(rooms.join(ada, id, null))).toBe('too-many-rooms');
		for (let index = 0; index < 3; index++) await outcome(rooms.join(eve, 'guess', null));
		expect(await outcome(rooms.join(eve, id, null))).toBe('rate');
	});
});

describe('roles', () => {
	test('a member may not do what only owners may', async () => {
		const { rooms, ada, bob, room } = await roomOfThree();
		expect(await outcome(rooms.removeMember(bob, room, ada))).toBe('not-owner');
		expect(await outcome(rooms.setRole(bob, room, bob, 'owner'))).toBe('not-owner');
		expect(await outcome(rooms.endInvites(bob, room))).toBe('not-owner');
		expect(await outcome(rooms.close(bob, room))).toBe('not-owner');
		expect(await outcome(rooms.invite(bob, room, 1, HOUR))).toBe('granted');
	});

	test('a room always has an owner while it has members', async () => {
		const { rooms, ada, bob, room } = await roomOfThree();
		expect(await outcome(rooms.leave(ada, room))).toBe('last-owner');
		expect(await outcome(rooms.removeMember(ada, room, ada))).toBe('last-owner');
		expect(await outcome(rooms.setRole(ada, room, ada, 'member'))).toBe('last-owner');
		await rooms.setRole(ada, room, bob, 'owner');
		await rooms.leave(ada, room);
		expect(await rooms.members(bob, room)).toMatchObject([{ account: bob, name: 'bob', role: 'owner' }]);
	});
});

describe('going', () => {
	test('[C7] a removed member is told, stays out, and no old invite helps', async () => {
		const { rooms, said, ada, bob, room } = await roomOfThree();
		const { code } = await rooms.invite(bob, room, 9, HOUR);
		await rooms.removeMember(ada, room, bob);
		expect(said).toEqual([
			{ kind: 'ended', room, account: bob, code: 'removed' },
			{ kind: 'changed', room }
		]);
		expect(await rooms.isMember(bob, room)).toBe(false);
		expect(await outcome(rooms.join(bob, room, code))).toBe('not-found');
		const fresh = await rooms.invite(ada, room, 1, HOUR);
		expect(await outcome(rooms.join(bob, room, fresh.code))).toBe('granted');
	});

	test('an open room lets nobody in again whom it removed, unless invited', async () => {
		const { rooms, ada, bob } = await roomOfThree();
		const { id } = await rooms.create(ada, { kind: 'open', name: 'Garden', key: 'key' });
		await rooms.join(bob, id, null);
		await rooms.removeMember(ada, id, bob);
		expect(await outcome(rooms.join(bob, id, null))).toBe('banned');
		expect(await rooms.open(bob, '')).toEqual([]);
		const { code } = await rooms.invite(ada, id, 1, HOUR);
		expect(await outcome(rooms.join(bob, id, code))).toBe('granted');
	});

	test('[C7] a closed room is gone with all that was in it, and its name is free', async () => {
		const { rooms, log, said, ada, bob } = await roomOfThree();
		const { id } = await rooms.create(ada, { kind: 'open', name: 'Garden', key: 'key' });
		await log.append({ room: id, from: ada, id: 'a', body: 'b' });
		await rooms.close(ada, id);
		expect(said).toContainEqual({ kind: 'ended', room: id, account: null, code: 'closed' });
		expect(await log.head(id)).toBe(0);
		expect(await outcome(rooms.room(ada, id))).toBe('not-found');
		expect(await outcome(rooms.create(bob, { kind: 'open', name: 'Garden', key: 'key' }))).toBe('granted');
	});

	test('a room closes behind its last member', async () => {
		const { rooms, log, ada, bob, room } = await roomOfThree();
		await log.append({ room, from: bob, id: 'a', body: 'b' });
		await rooms.removeMember(ada, room, bob);
		await rooms.leave(ada, room);
		expect(await log.head(room)).toBe(0);
		expect(await rooms.mine(ada)).toEqual([]);
	});
});
