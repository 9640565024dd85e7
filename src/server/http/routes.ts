import { WIRE_VERSION } from '#lib/wire/frames.ts';
import type { Accounts, LoggedIn } from '../accounts/accounts.ts';
import type { Account } from '../accounts/store.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { accountRoute, publicRoute, type Route } from './route.ts';
import * as schema from './schemas.ts';

/** Everything under /api/v1, but for the socket. */
export function apiRoutes(accounts: Accounts, rooms: Rooms): Route[] {
	return [
		publicRoute(
			{
				method: 'get',
				path: '/server',
				summary: 'Whether a sync server answers here, and which version of the protocol it speaks',
				status: 200,
				answer: schema.server,
				refusals: []
			},
			() => Promise.resolve({ protocol: WIRE_VERSION })
		),
		...accountRoutes(accounts),
		...roomListRoutes(rooms),
		...roomRoutes(rooms),
		...memberRoutes(rooms),
		...inviteRoutes(rooms)
	];
}

function accountRoutes(accounts: Accounts): Route[] {
	return [
		publicRoute(
			{
				method: 'post',
				path: '/accounts',
				summary: 'Register, and log in',
				body: schema.registration,
				status: 201,
				answer: schema.loggedIn,
				refusals: ['name-taken', 'busy']
			},
			async ({ body, address }) => toLoggedIn(await accounts.register(body.name, body.password, address))
		),
		publicRoute(
			{
				method: 'post',
				path: '/sessions',
				summary: 'Log in',
				body: schema.login,
				status: 201,
				answer: schema.loggedIn,
				refusals: ['credentials', 'busy']
			},
			async ({ body, address }) => toLoggedIn(await accounts.logIn(body.name, body.password, address))
		),
		accountRoute(
			{ method: 'delete', path: '/sessions/current', summary: 'Log out this device', refusals: [] },
			(_, { session }) => accounts.logOut(session)
		),
		accountRoute(
			{ method: 'delete', path: '/sessions', summary: 'Log out everywhere', refusals: [] },
			(_, { account }) => accounts.logOutEverywhere(account.id)
		),
		accountRoute(
			{
				method: 'get',
				path: '/account',
				summary: 'Who I am',
				status: 200,
				answer: schema.account,
				refusals: []
			},
			async (_, { account }) => toAccount(account)
		),
		accountRoute(
			{
				method: 'put',
				path: '/account/password',
				summary: 'Change the password, and log out the other devices',
				body: schema.passwordChange,
				refusals: ['credentials', 'busy']
			},
			({ body, address }, { session }) => accounts.changePassword(session, body.current, body.next, address)
		),
		accountRoute(
			{
				method: 'post',
				path: '/account/deletion',
				summary: 'Delete the account, its memberships, and the bodies of all it wrote',
				body: schema.deletion,
				refusals: ['credentials', 'busy']
			},
			({ body, address }, { session }) => accounts.remove(session, body.password, address)
		)
	];
}

function roomListRoutes(rooms: Rooms): Route[] {
	return [
		accountRoute(
			{
				method: 'get',
				path: '/rooms',
				summary: 'The rooms I am in, newest first',
				status: 200,
				answer: schema.roomList,
				refusals: []
			},
			async (_, { account }) => ({ rooms: await rooms.mine(account.id) })
		),
		accountRoute(
			{
				method: 'get',
				path: '/rooms/open',
				summary: 'Open rooms that I am not in, by name',
				query: schema.search,
				status: 200,
				answer: schema.openRoomList,
				refusals: []
			},
			async ({ query }, { account }) => ({ rooms: await rooms.open(account.id, query.search) })
		),
		accountRoute(
			{
				method: 'post',
				path: '/rooms',
				summary: 'Create a room and own it',
				body: schema.newRoom,
				status: 201,
				answer: schema.room,
				refusals: ['name-taken', 'too-many-rooms']
			},
			({ body }, { account }) => rooms.create(account.id, body.access, body.id)
		)
	];
}

function roomRoutes(rooms: Rooms): Route[] {
	return [
		accountRoute(
			{
				method: 'get',
				path: '/rooms/{room}',
				summary: 'A room I am in',
				status: 200,
				answer: schema.room,
				refusals: ['not-found']
			},
			({ param }, { account }) => rooms.room(account.id, param('room'))
		),
		accountRoute(
			{
				method: 'delete',
				path: '/rooms/{room}',
				summary: 'Close a room for everybody, with all that was in it',
				refusals: ['not-found', 'not-owner']
			},
			({ param }, { account }) => rooms.close(account.id, param('room'))
		)
	];
}

function memberRoutes(rooms: Rooms): Route[] {
	const path = '/rooms/{room}/members';
	return [
		accountRoute(
			{
				method: 'get',
				path,
				summary: 'Who is in a room',
				status: 200,
				answer: schema.memberList,
				refusals: ['not-found']
			},
			async ({ param }, { account }) => ({ members: await rooms.members(account.id, param('room')) })
		),
		accountRoute(
			{
				method: 'post',
				path,
				summary: 'Join a room: an open one, or by an invite',
				body: schema.joining,
				status: 201,
				answer: schema.room,
				refusals: ['not-found', 'already-member', 'banned', 'room-full', 'too-many-rooms']
			},
			async ({ param, body }, { account }) => {
				await rooms.join(account.id, param('room'), body.invite);
				return rooms.room(account.id, param('room'));
			}
		),
		accountRoute(
			{
				method: 'delete',
				path: `${path}/{account}`,
				summary: 'Leave a room, or remove a member',
				refusals: ['not-found', 'not-owner', 'last-owner']
			},
			({ param }, { account }) =>
				param('account') === account.id
					? rooms.leave(account.id, param('room'))
					: rooms.removeMember(account.id, param('room'), param('account'))
		),
		accountRoute(
			{
				method: 'put',
				path: `${path}/{account}/role`,
				summary: 'Make a member an owner, or an owner a member',
				body: schema.roleChange,
				refusals: ['not-found', 'not-owner', 'last-owner']
			},
			({ param, body }, { account }) => rooms.setRole(account.id, param('room'), param('account'), body.role)
		)
	];
}

function inviteRoutes(rooms: Rooms): Route[] {
	const path = '/rooms/{room}/invites';
	return [
		accountRoute(
			{
				method: 'post',
				path,
				summary: 'Invite somebody: the code belongs into the fragment of a link',
				body: schema.invitation,
				status: 201,
				answer: schema.invite,
				refusals: ['not-found', 'too-many-invites']
			},
			({ param, body }, { account }) => rooms.invite(account.id, param('room'), body.uses, body.life * 1_000)
		),
		accountRoute(
			{ method: 'delete', path, summary: 'End all invites of a room', refusals: ['not-found', 'not-owner'] },
			({ param }, { account }) => rooms.endInvites(account.id, param('room'))
		)
	];
}

function toAccount({ id, name, createdAt }: Account) {
	return { id, name, createdAt };
}

function toLoggedIn({ account, session, token }: LoggedIn) {
	return { account: toAccount(account), token, expiresAt: session.expiresAt };
}
