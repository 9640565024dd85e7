import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';
import { COMMON_HEADERS, policyHeader, SERVICE_WORKER_POLICY, WORKER_POLICY } from '../policy.ts';

/** A handler for Node's http server. `next` is called for a request that is not the app's to answer. */
export type Handler = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

export interface StaticOptions {
	/** The path the app is served under: "" at a root, else "/alcove". It must be the one it was built for. */
	base?: string;
}

const CONTENT_POLICY = 'Content-Security-Policy';
const HASHED = /^\/app\/immutable\//;
const WORKER = /^\/app\/immutable\/workers\//;
const FILE_NAME = /\.[^/]+$/;

/**
 * The CSP of a built page. It holds the hash of the inline script, so only the page knows it.
 * @throws Error when the page has none
 */
export function pagePolicy(html: string): string {
	const policy = /<meta http-equiv="content-security-policy" content="([^"]+)"/.exec(html)?.[1];
	if (!policy) throw new Error('The built page carries no content security policy');
	return `${policy}; frame-ancestors 'none'`;
}

/** Headers that depend on what the file is. `path` starts with "/" and is below the base. */
function headersFor(path: string, page: string): Record<string, string> {
	const hashed = { 'Cache-Control': 'public, max-age=31536000, immutable' };
	const fresh = { 'Cache-Control': 'no-cache' };
	if (WORKER.test(path)) return { ...hashed, [CONTENT_POLICY]: policyHeader(WORKER_POLICY) };
	if (HASHED.test(path)) return hashed;
	if (path === '/service-worker.js') {
		return { ...fresh, [CONTENT_POLICY]: policyHeader(SERVICE_WORKER_POLICY) };
	}
	return FILE_NAME.test(path) && !path.endsWith('.html') ? fresh : { ...fresh, [CONTENT_POLICY]: page };
}

function plain(
	response: ServerResponse,
	status: number,
	text: string,
	headers?: Record<string, string>
): void {
	response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...COMMON_HEADERS, ...headers });
	response.end(`${text}\n`);
}

/** The path below the base, "" for the base itself without its slash, or undefined outside of it. */
function below(base: string, path: string): string | undefined {
	if (path === base) return base === '' ? '/' : '';
	return path.startsWith(`${base}/`) ? path.slice(base.length) : undefined;
}

/**
 * Leaves a Range header only where it names bytes from a start, which is all that sirv knows; without it the
 * whole file is sent, as the standard allows. A part is always one of the file, never of its compressed form.
 */
function prepareRange({ headers }: IncomingMessage): void {
	if (!headers.range) return;
	const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(headers.range) ?? [];
	const ordered = start !== undefined && (!end || Number(start) <= Number(end));
	if (ordered && !headers['if-range']) delete headers['accept-encoding'];
	else delete headers.range;
}

/**
 * Serves a built app: its files as they are (or precompressed, or in ranges), and the app's page for
 * every other path without an extension, since the app routes in the browser.
 * @param folder what `npm run build` wrote
 * @returns a handler that answers GET and HEAD below the base and leaves the rest to `next`, or refuses it
 * @throws Error when the folder holds no built app
 */
export function serveStatic(folder: string, options: StaticOptions = {}): Handler {
	const base = options.base ?? '';
	const page = pagePolicy(readFileSync(join(folder, 'index.html'), 'utf8'));
	const files = sirv(folder, {
		etag: true,
		brotli: true,
		gzip: true,
		extensions: [],
		setHeaders(response, path) {
			const headers: Record<string, string> = { ...COMMON_HEADERS, ...headersFor(path, page) };
			if (path.endsWith('.gguf')) headers['Content-Type'] = 'application/octet-stream';
			for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
		}
	});

	return function handle(request, response, next) {
		const url = URL.parse(`http://localhost${request.url ?? '/'}`);
		if (!url) return plain(response, 400, 'Bad request');
		const path = below(base, url.pathname);
		if (path === undefined) return next ? next() : plain(response, 404, 'Not found');
		if (request.method !== 'GET' && request.method !== 'HEAD') {
			return next ? next() : plain(response, 405, 'Method not allowed', { Allow: 'GET, HEAD' });
		}
		if (path === '') return plain(response, 308, 'Moved', { Location: `${base}/${url.search}` });
		prepareRange(request);
		request.url = path === '/' ? '/index.html' : path;
		files(request, response, () => {
			if (FILE_NAME.test(path)) return plain(response, 404, 'Not found');
			request.url = '/index.html';
			return files(request, response, () => plain(response, 404, 'Not found'));
		});
	};
}
