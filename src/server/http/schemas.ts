import * as z from 'zod';

/** 128 random bits in base64url. */
export const id = z.string().regex(/^[A-Za-z0-9_-]{22}$/);

/** 256 random bits in base64url: a token, a room's key, an invite's code. */
const secret = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const time = z.number().int().describe("Milliseconds since the epoch, by the server's clock");

/** Letters and digits of any script, and a few marks between them. */
const accountName = z
	.string()
	.min(2)
	.max(32)
	.regex(/^[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]*$/u, 'Letters, digits, ".", "_" and "-" only');

/** One line without control or invisible characters, and no space at its ends. */
const roomName = z
	.string()
	.min(1)
	.max(64)
	.regex(/^[^\p{C}\p{Z}]+( [^\p{C}\p{Z}]+)*$/u, 'One line of words');

const newPassword = z.string().min(8).max(256);
const password = z.string().min(1).max(256);

export const server = z.strictObject({ protocol: z.number().int() });

export const registration = z.strictObject({ name: accountName, password: newPassword });
export const login = z.strictObject({ name: z.string().min(1).max(64), password });
export const passwordChange = z.strictObject({ current: password, next: newPassword });
export const deletion = z.strictObject({ password });

export const account = z.strictObject({ id, name: z.string(), createdAt: time });
export const loggedIn = z.strictObject({ account, token: secret, expiresAt: time });

export const access = z.discriminatedUnion('kind', [
	z.strictObject({ kind: z.literal('private') }),
	z
		.strictObject({ kind: z.literal('open'), name: roomName, key: secret })
		.describe('Listed, and readable for whoever runs the server: its key is published here')
]);

export const role = z.enum(['owner', 'member']);
export const newRoom = z.strictObject({
	access,
	id: id
		.optional()
		.describe('128 random bits, so that its key can be kept before it is there; else the server makes one')
});
export const room = z.strictObject({ id, access, role, createdAt: time });
export const roomList = z.strictObject({ rooms: z.array(room) });

export const openRoom = z.strictObject({ id, name: z.string(), key: secret, members: z.number().int() });
export const openRoomList = z.strictObject({ rooms: z.array(openRoom) });
export const search = z.strictObject({ search: z.string().max(64).default('') });

export const member = z.strictObject({ account: id, name: z.string(), role, joinedAt: time });
export const memberList = z.strictObject({ members: z.array(member) });
export const joining = z.strictObject({
	invite: secret.nullable().describe("The code of the link's fragment; null for an open room")
});
export const roleChange = z.strictObject({ role });

export const invitation = z.strictObject({
	uses: z.number().int().min(1).max(1_000),
	/** Seconds: a minute to 90 days. */
	life: z.number().int().min(60).max(7_776_000).describe('Seconds the invite is good for')
});
export const invite = z.strictObject({ code: secret, uses: z.number().int(), expiresAt: time });
