import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { matchedRoutes } from 'hono/route';
import type { Accounts } from './accounts/accounts.ts';
import { clientAddress, isLocal } from './address.ts';
import { openApiDocument } from './http/openapi.ts';
import { BadRequest, problemResponse } from './http/problems.ts';
import type { Caller, Route } from './http/route.ts';
import { apiRoutes } from './http/routes.ts';
import type { RoomLog } from './log/log.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { RateLimiter, type Rate } from './rate.ts';
import { Refusal } from './refusal.ts';
import type { Rooms } from './rooms/rooms.ts';

export interface HttpParts {
	accounts: Accounts;
	rooms: Rooms;
	log: RoomLog;
	metrics: Metrics;
	logger: Logger;
	now: () => number;
	/** Origins whose pages may call, to the letter. */
	origins: ReadonlySet<string>;
	/** Proxies of our own in front. */
	proxies: number;
	/** Requests of one address. */
	requests: Rate;
	/** Whether the server is on its way out. */
	stopping: () => boolean;
}

/** No request's body is larger than this; events travel over the socket. */
const BODY_BYTES = 16_384;
const BEARER = /^Bearer ([A-Za-z0-9_-]{43})$/;

type Bindings = { Bindings: HttpBindings };
type App = Hono<Bindings>;

/** The HTTP side: /api/v1, /healthz, /readyz and /metrics. Every refusal is an RFC 9457 problem. */
export function createHttp(parts: HttpParts): App {
	const app: App = new Hono();
	const limiter = new RateLimiter(parts.requests, parts.now);
	const routes = apiRoutes(parts.accounts, parts.rooms);
	app.use(watch(parts), plainHeaders);
	app.use('/api/*', cors(parts.origins), limitRate(parts, limiter));
	app.use('/api/*', bodyLimit({ maxSize: BODY_BYTES, onError: () => problem(new BadRequest('too-large')) }));
	app.get('/api/v1/openapi.json', (context) => context.json(openApiDocument(routes)));
	for (const route of routes) register(app, route, parts);
	addProbes(app, parts);
	app.notFound(() => problem(new Refusal('not-found')));
	app.onError((error) => {
		const { response, kind } = problemResponse(error);
		if (kind === 'internal' || kind === 'not-ready' || kind === 'storage-full')
			parts.logger.error('request failed', { code: kind, error });
		return response;
	});
	return app;
}

function register(app: App, route: Route, { accounts, proxies }: HttpParts): void {
	const path = `/api/v1${route.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
	app.on(route.method.toUpperCase(), path, async (context) => {
		const caller = route.access === 'account' ? await authenticate(context, accounts) : null;
		const raw = {
			body: route.body ? await readBody(context) : undefined,
			query: context.req.query(),
			params: context.req.param() as Record<string, string>,
			address: clientAddress(context.env.incoming, proxies)
		};
		const answer = await route.run(raw, caller);
		return route.answer
			? Response.json(answer, { status: route.status ?? 200 })
			: new Response(null, { status: 204 });
	});
}

/** @throws Refusal token */
async function authenticate(context: Context<Bindings>, accounts: Accounts): Promise<Caller> {
	const token = BEARER.exec(context.req.header('Authorization') ?? '')?.[1];
	if (!token) throw new Refusal('token');
	return accounts.authenticate(token);
}

/** @throws BadRequest media-type, not-json */
async function readBody(context: Context<Bindings>): Promise<unknown> {
	const type = context.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase();
	if (type !== 'application/json') throw new BadRequest('media-type');
	try {
		const text = new TextDecoder('utf-8', { fatal: true }).decode(await context.req.arrayBuffer());
		return JSON.parse(text) as unknown;
	} catch {
		throw new BadRequest('not-json');
	}
}

function addProbes(app: App, { log, metrics, stopping }: HttpParts): void {
	app.get('/healthz', (context) => context.text('ok\n'));
	app.get('/readyz', async (context) => {
		if (stopping()) throw new BadRequest('not-ready');
		await log.check();
		return context.text('ok\n');
	});
	// for the machine itself: what is counted is nobody else's business
	app.get('/metrics', (context) => {
		if (!isLocal(context.env.incoming)) throw new Refusal('not-found');
		return context.body(metrics.render(), 200, {
			'Content-Type': 'text/plain; version=0.0.4; charset=utf-8'
		});
	});
}

/** Counts and logs each request by its route's pattern. */
function watch({ metrics, logger, now }: HttpParts): MiddlewareHandler<Bindings> {
	const requests = metrics.counter('alcove_http_requests_total', 'Requests answered.', [
		'method',
		'route',
		'status'
	]);
	const seconds = metrics.histogram(
		'alcove_http_request_seconds',
		'Time to answer a request.',
		[0.005, 0.025, 0.1, 0.5, 2.5]
	);
	return async (context, next) => {
		const start = now();
		await next();
		const milliseconds = Math.max(0, now() - start);
		const route = routePattern(context);
		const method = KNOWN_METHODS.has(context.req.method) ? context.req.method : 'other';
		const { status } = context.res;
		requests.add([method, route, String(status)]);
		seconds.observe(milliseconds / 1_000);
		logger.info('request', { method, route, status, milliseconds });
	};
}

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

/** The pattern of the route that matched, never the path itself: paths hold ids. */
function routePattern(context: Context<Bindings>): string {
	const matched = matchedRoutes(context).findLast(({ path }) => !path.endsWith('*'));
	return matched?.path ?? 'unknown';
}

const plainHeaders: MiddlewareHandler<Bindings> = async (context, next) => {
	await next();
	context.header('Cache-Control', 'no-store');
	context.header('X-Content-Type-Options', 'nosniff');
	context.header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
};

/** CORS by the exact list. There are no cookies, so nothing rides on a page's good name. */
function cors(origins: ReadonlySet<string>): MiddlewareHandler<Bindings> {
	return async (context, next) => {
		const origin = context.req.header('Origin');
		const allowed = origin !== undefined && origins.has(origin);
		if (context.req.method === 'OPTIONS') context.res = new Response(null, { status: 204 });
		else await next();
		context.header('Vary', 'Origin');
		if (!allowed) return;
		context.header('Access-Control-Allow-Origin', origin);
		context.header('Access-Control-Expose-Headers', 'Retry-After');
		if (context.req.method !== 'OPTIONS') return;
		context.header('Access-Control-Allow-Methods', 'GET, POST, PUT, DELETE');
		context.header('Access-Control-Allow-Headers', 'Authorization, Content-Type');
		context.header('Access-Control-Max-Age', '600');
	};
}

function limitRate({ proxies }: HttpParts, limiter: RateLimiter): MiddlewareHandler<Bindings> {
	return async (context, next) => {
		const wait = limiter.take(clientAddress(context.env.incoming, proxies));
		if (wait > 0) throw new Refusal('rate', wait);
		await next();
	};
}

function problem(error: unknown): Response {
	return problemResponse(error).response;
}
