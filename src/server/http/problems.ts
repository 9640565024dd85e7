import * as z from 'zod';
import { isStorageFailing, isStorageFull } from '../database.ts';
import { LogError } from '../log/log.ts';
import { Refusal, type RefusalKind } from '../refusal.ts';

export type ProblemKind =
	| RefusalKind
	| 'invalid'
	| 'not-json'
	| 'too-large'
	| 'media-type'
	| 'not-ready'
	| 'storage-full'
	| 'internal';

/** Each problem's status and title. The title is the same for everybody and says nothing about the request. */
export const PROBLEMS: Record<ProblemKind, { status: number; title: string }> = {
	invalid: { status: 400, title: 'Some fields are not as they should be.' },
	'not-json': { status: 400, title: 'The body is not JSON.' },
	token: { status: 401, title: 'Log in first.' },
	credentials: { status: 401, title: 'The name or the password is wrong.' },
	'not-owner': { status: 403, title: 'Only an owner of the room may do this.' },
	banned: { status: 403, title: 'This room lets you in by an invite only.' },
	'not-found': { status: 404, title: 'There is nothing here.' },
	'name-taken': { status: 409, title: 'This name is taken.' },
	'already-member': { status: 409, title: 'You are in this room already.' },
	'last-owner': { status: 409, title: 'The room would be left without an owner.' },
	'room-full': { status: 409, title: 'The room is full.' },
	'too-many-rooms': { status: 409, title: 'You are in as many rooms as one can be.' },
	'too-many-invites': { status: 409, title: 'The room has as many invites as it can have.' },
	'too-large': { status: 413, title: 'The body is too large.' },
	'media-type': { status: 415, title: 'The body has to be application/json.' },
	rate: { status: 429, title: 'Too many tries. Wait a little.' },
	busy: { status: 503, title: 'The server is busy. Try again.' },
	'not-ready': { status: 503, title: 'The server is not ready.' },
	'storage-full': { status: 507, title: 'The server has no room left. Nothing was stored; try again later.' },
	internal: { status: 500, title: 'Something went wrong here.' }
};

/** RFC 9457. `errors` names each field by its JSON pointer. */
export const problemSchema = z.strictObject({
	type: z.string(),
	title: z.string(),
	status: z.number().int(),
	errors: z.array(z.strictObject({ field: z.string(), message: z.string() })).optional()
});

export type FieldError = { field: string; message: string };

/** A request that was refused before it reached the rooms. */
export class BadRequest extends Error {
	override readonly name = 'BadRequest';
	readonly kind: ProblemKind;
	readonly errors: FieldError[];

	constructor(kind: ProblemKind, errors: FieldError[] = []) {
		super(kind);
		this.kind = kind;
		this.errors = errors;
	}
}

/** Turns what a route threw into the answer; an error that is not the caller's becomes "internal". */
export function problemResponse(error: unknown): { response: Response; kind: ProblemKind } {
	const kind = kindOf(error);
	const { status, title } = PROBLEMS[kind];
	const errors = error instanceof BadRequest && error.errors.length > 0 ? { errors: error.errors } : {};
	const body = { type: `/api/v1/problems#${kind}`, title, status, ...errors };
	const headers = new Headers({ 'Content-Type': 'application/problem+json' });
	if (status === 401) headers.set('WWW-Authenticate', 'Bearer');
	const wait = error instanceof Refusal ? error.wait : 0;
	if (wait > 0) headers.set('Retry-After', String(Math.ceil(wait / 1_000)));
	return { response: new Response(JSON.stringify(body), { status, headers }), kind };
}

function kindOf(error: unknown): ProblemKind {
	if (error instanceof Refusal || error instanceof BadRequest) return error.kind;
	if (isStorageFull(error)) return 'storage-full';
	return error instanceof LogError || isStorageFailing(error) ? 'not-ready' : 'internal';
}
