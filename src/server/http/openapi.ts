import * as z from 'zod';
import { PROBLEMS, problemSchema, type ProblemKind } from './problems.ts';
import type { Route } from './route.ts';

type Json = { [key: string]: unknown };

/** The OpenAPI 3.1 document of the routes, from the same schemas that check the requests. */
export function openApiDocument(routes: readonly Route[]): Json {
	const paths: Record<string, Json> = {};
	for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
	return {
		openapi: '3.1.0',
		info: {
			title: 'Alcove sync server',
			version: '1',
			description:
				'Accounts and rooms. The events of a room travel over the WebSocket /api/v1/socket; its protocol is written down in src/lib/wire/SPEC.md.'
		},
		servers: [{ url: '/api/v1' }],
		paths,
		components: {
			schemas: { Problem: toJson(problemSchema, 'output') },
			securitySchemes: { token: { type: 'http', scheme: 'bearer' } }
		}
	};
}

/** What a route can be refused for, by its own list and by what it is. */
export function refusalsOf(route: Route): ProblemKind[] {
	return [
		...route.refusals,
		'rate',
		...(route.access === 'account' ? (['token'] as const) : []),
		...(route.method === 'get' ? [] : (['not-ready', 'storage-full'] as const)),
		...(route.body ? (['invalid', 'not-json', 'too-large', 'media-type'] as const) : []),
		...(route.query ? (['invalid'] as const) : [])
	];
}

function operation(route: Route): Json {
	return {
		summary: route.summary,
		operationId: `${route.method}${route.path.replaceAll(/[^a-z]+(.)?/g, (_, next: string = '') => next.toUpperCase())}`,
		security: route.access === 'account' ? [{ token: [] }] : [],
		parameters: [...pathParameters(route), ...queryParameters(route)],
		...(route.body ? { requestBody: { required: true, content: json(route.body, 'input') } } : {}),
		responses: { ...answer(route), ...problems(route) }
	};
}

function pathParameters({ path }: Route): Json[] {
	return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
		name,
		in: 'path',
		required: true,
		schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{22}$' }
	}));
}

function queryParameters({ query }: Route): Json[] {
	if (!(query instanceof z.ZodObject)) return [];
	return Object.entries(query.shape).map(([name, schema]) => ({
		name,
		in: 'query',
		required: false,
		schema: toJson(schema as z.ZodType, 'input')
	}));
}

function answer({ status, answer }: Route): Json {
	if (!answer) return { '204': { description: 'Done' } };
	return { [String(status ?? 200)]: { description: 'Done', content: json(answer, 'output') } };
}

function problems(route: Route): Json {
	const byStatus: Record<string, string[]> = {};
	for (const kind of refusalsOf(route)) {
		const { status } = PROBLEMS[kind];
		byStatus[status] = [...(byStatus[status] ?? []), kind];
	}
	const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
	return Object.fromEntries(
		Object.entries(byStatus).map(([status, kinds]) => [status, { description: kinds.join(', '), content }])
	);
}

function json(schema: z.ZodType, io: 'input' | 'output'): Json {
	return { 'application/json': { schema: toJson(schema, io) } };
}

function toJson(schema: z.ZodType, io: 'input' | 'output'): Json {
	const entries = Object.entries(z.toJSONSchema(schema, { io, target: 'draft-2020-12' }));
	return Object.fromEntries(entries.filter(([key]) => key !== '$schema'));
}
