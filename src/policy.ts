import type { sveltekit } from '@sveltejs/kit/vite';

type KitOptions = NonNullable<Parameters<typeof sveltekit>[0]>;
type HostSource = `https://${string}.${string}`;
type CspDirectives = NonNullable<NonNullable<KitOptions['csp']>['directives']>;

/**
 * The app's security headers, in one place: the document's CSP (a meta tag, with the hashes that
 * the build adds), the workers' CSP and the isolation headers (server, static hosts and service worker).
 */

/** Where the catalogue's models and WebLLM's compiled libraries come from, redirects included. */
export const MODEL_HOSTS: HostSource[] = [
	'https://huggingface.co',
	'https://*.huggingface.co',
	'https://*.hf.co',
	'https://raw.githubusercontent.com',
	// a public copy of the hub, for places where that is blocked: asked only where a person allows it
	'https://hf-mirror.com',
	'https://*.hf-mirror.com'
];

/** Public copies of a model host, by its origin: asked after it, for its files alone. */
export const PUBLIC_MIRRORS: Readonly<Record<string, string>> = {
	'https://huggingface.co': 'https://hf-mirror.com/'
};

/** Hosts beyond the app's own and the hub's that pages may reach, as URLs; what is unset is none. */
export interface ExtraHosts {
	/** A mirror that models may also come from. */
	models?: string | undefined;
	/** A sync server away from the app; its socket is reached, too. */
	sync?: string | undefined;
}

/**
 * Directives for pages.
 * The style-src-attr hash is that of Kit's route announcer, the only element with a style attribute.
 */
export function documentPolicy({ models, sync }: ExtraHosts = {}): CspDirectives {
	const hosts = [models, sync, sync?.replace(/^http/, 'ws')];
	const extra = hosts.filter((host): host is string => Boolean(host));
	return {
		'default-src': ['none'],
		'script-src': ['self', 'wasm-unsafe-eval'],
		'style-src': ['self'],
		'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
		'img-src': ['self', 'data:', 'blob:'],
		'font-src': ['self'],
		'manifest-src': ['self'],
		'worker-src': ['self', 'blob:'],
		'connect-src': ['self', ...MODEL_HOSTS, ...extra.map((url) => new URL(url).origin as HostSource)],
		'base-uri': ['none'],
		'form-action': ['none'],
		'object-src': ['none']
	};
}

/**
 * What a worker may do: compute. The window fetches for the engines, so a worker reaches its own origin
 * alone. A meta tag does not bind a worker: the server, static hosts and the service worker send this.
 */
export const WORKER_POLICY: CspDirectives = {
	'default-src': ['none'],
	'script-src': ['self', 'wasm-unsafe-eval'],
	'connect-src': ['self', 'blob:'],
	'worker-src': ['self', 'blob:']
};

/** What the service worker may do: fetch the app's own files. */
export const SERVICE_WORKER_POLICY: CspDirectives = {
	'default-src': ['none'],
	'script-src': ['self'],
	'connect-src': ['self']
};

const KEYWORDS = new Set(['none', 'self', 'wasm-unsafe-eval']);

/** @returns the directives as the value of a Content-Security-Policy header */
export function policyHeader(directives: CspDirectives): string {
	return Object.entries(directives)
		.map(([name, sources]) => {
			const list = Array.isArray(sources) ? sources : [];
			return [name, ...list.map((source) => (KEYWORDS.has(source) ? `'${source}'` : source))].join(' ');
		})
		.join('; ');
}

/** Headers that make a page cross-origin isolated, so that WASM may use threads. */
export const ISOLATION_HEADERS = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp'
};

/** Headers for every file the app is made of. */
export const COMMON_HEADERS = {
	...ISOLATION_HEADERS,
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
	'X-Frame-Options': 'DENY'
};
