import type { WireId } from '#lib/wire/frames.ts';
import { ApiError, type ApiMember, type ApiRoom, type Role, type RoomAccess } from './api-error.ts';

/** Who is logged in on this device. */
export interface RoomSession {
	account: WireId;
	name: string;
	token: string;
}

/** An open room that I am not in. Its key is public. */
export interface OpenRoom {
	id: WireId;
	name: string;
	key: string;
	members: number;
}

export interface NewInvite {
	code: string;
	uses: number;
	expiresAt: number;
}

const ID = /^[A-Za-z0-9_-]{22}$/;
const SECRET = /^[A-Za-z0-9_-]{43}$/;
/** Names as the server lets them be, and no longer. */
const NAME = /^[^\p{Cc}]{1,64}$/u;

/** @throws ApiError answer: what came is not what the server says of itself, so nothing of it is believed */
export function parseLoggedIn(answer: unknown): RoomSession {
	const { account, token } = fields(answer);
	const { id, name } = fields(account);
	return { account: text(id, ID), name: text(name, NAME), token: text(token, SECRET) };
}

/** The session that was kept on this device, or null. */
export function parseSession(kept: unknown): RoomSession | null {
	try {
		const { account, name, token } = fields(kept);
		return { account: text(account, ID), name: text(name, NAME), token: text(token, SECRET) };
	} catch (error) {
		if (error instanceof ApiError) return null;
		throw error;
	}
}

export function parseRoom(answer: unknown): ApiRoom {
	const { id, access, role, createdAt } = fields(answer);
	return {
		id: text(id, ID),
		access: parseAccess(access),
		role: parseRole(role),
		createdAt: whole(createdAt)
	};
}

export function parseMember(answer: unknown): ApiMember {
	const { account, name, role, joinedAt } = fields(answer);
	return {
		account: text(account, ID),
		name: text(name, NAME),
		role: parseRole(role),
		joinedAt: whole(joinedAt)
	};
}

export function parseOpenRoom(answer: unknown): OpenRoom {
	const { id, name, key, members } = fields(answer);
	return { id: text(id, ID), name: text(name, NAME), key: text(key, SECRET), members: whole(members) };
}

export function parseNewInvite(answer: unknown): NewInvite {
	const { code, uses, expiresAt } = fields(answer);
	return { code: text(code, SECRET), uses: whole(uses), expiresAt: whole(expiresAt) };
}

/** The list that stands in an answer under a name. */
export function parseList<T>(answer: unknown, name: string, parse: (entry: unknown) => T): T[] {
	const list = fields(answer)[name];
	if (!Array.isArray(list)) throw new ApiError('answer');
	return list.map((entry: unknown) => parse(entry));
}

function parseAccess(value: unknown): RoomAccess {
	const { kind, name, key } = fields(value);
	if (kind === 'private') return { kind };
	if (kind !== 'open') throw new ApiError('answer');
	return { kind, name: text(name, NAME), key: text(key, SECRET) };
}

function parseRole(value: unknown): Role {
	if (value !== 'owner' && value !== 'member') throw new ApiError('answer');
	return value;
}

function fields(value: unknown): Record<string, unknown> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ApiError('answer');
	return Object.fromEntries(Object.entries(value));
}

function text(value: unknown, shape: RegExp): string {
	if (typeof value !== 'string' || !shape.test(value)) throw new ApiError('answer');
	return value;
}

function whole(value: unknown): number {
	if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new ApiError('answer');
	return value;
}
