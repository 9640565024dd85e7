import * as z from 'zod';
import type { Account, Session } from '../accounts/store.ts';
import { BadRequest, type ProblemKind } from './problems.ts';
import { id } from './schemas.ts';
import { Refusal } from '../refusal.ts';

export interface Caller {
	account: Account;
	session: Session;
}

/** What a route is given: parsed, never raw. */
export interface Input<Body, Query> {
	body: Body;
	query: Query;
	/** An id of the path. */
	param(name: string): string;
	address: string;
}

interface Description<Body extends z.ZodType, Query extends z.ZodType> {
	method: 'get' | 'post' | 'put' | 'delete';
	/** As OpenAPI writes it: "/rooms/{room}". All its parameters are ids. */
	path: string;
	summary: string;
	body?: Body;
	query?: Query;
	/** The answer, and its status: 204 when there is no schema. */
	status?: 200 | 201;
	answer?: z.ZodType;
	/** What it may be refused for, besides what every route is. */
	refusals: readonly ProblemKind[];
}

/** A request before anything of it is believed. */
export interface RawInput {
	body: unknown;
	query: Record<string, string>;
	params: Record<string, string>;
	address: string;
}

/** A route with its schemas, for the router and for the OpenAPI document alike. */
export interface Route extends Description<z.ZodType, z.ZodType> {
	access: 'anybody' | 'account';
	run(raw: RawInput, caller: Caller | null): Promise<unknown>;
}

/** A route that anybody may call. */
export function publicRoute<Body extends z.ZodType, Query extends z.ZodType>(
	description: Description<Body, Query>,
	work: (input: Input<z.output<Body>, z.output<Query>>) => Promise<unknown>
): Route {
	return { ...description, access: 'anybody', run: async (raw) => work(parseInput(description, raw)) };
}

/** A route for those who are logged in. */
export function accountRoute<Body extends z.ZodType, Query extends z.ZodType>(
	description: Description<Body, Query>,
	work: (input: Input<z.output<Body>, z.output<Query>>, caller: Caller) => Promise<unknown>
): Route {
	return {
		...description,
		access: 'account',
		run: async (raw, caller) => {
			if (!caller) throw new Refusal('token');
			return work(parseInput(description, raw), caller);
		}
	};
}

function parseInput<Body extends z.ZodType, Query extends z.ZodType>(
	{ body, query }: Description<Body, Query>,
	raw: RawInput
): Input<z.output<Body>, z.output<Query>> {
	return {
		body: parse(body, raw.body),
		query: parse(query, raw.query),
		address: raw.address,
		param(name) {
			const parsed = id.safeParse(raw.params[name]);
			// what cannot be an id is no more there than one that is not
			if (!parsed.success) throw new Refusal('not-found');
			return parsed.data;
		}
	};
}

function parse<Schema extends z.ZodType>(schema: Schema | undefined, value: unknown): z.output<Schema> {
	const parsed = (schema ?? z.unknown()).safeParse(value);
	if (parsed.success) return parsed.data as z.output<Schema>;
	throw new BadRequest('invalid', parsed.error.issues.flatMap(fieldErrors));
}

function fieldErrors(issue: z.core.$ZodIssue): { field: string; message: string }[] {
	const pointer = issue.path
		.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
		.join('');
	if (issue.code !== 'unrecognized_keys') return [{ field: pointer, message: issue.message }];
	return issue.keys.map((key) => ({ field: `${pointer}/${key}`, message: 'Unknown field' }));
}
