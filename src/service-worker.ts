/**
 * The app's shell, kept for offline use as one consistent version; a newer one waits until it is asked for.
 * It never touches another origin nor a model's weights.
 */
import { cacheNames, type WorkboxPlugin } from 'workbox-core';
import { addPlugins, createHandlerBoundToURL, getCacheKeyForURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { CacheFirst, NetworkFirst, NetworkOnly } from 'workbox-strategies';
import { isEngineFile } from './lib/shell/files.ts';
import { parseRequest } from './lib/shell/messages.ts';
import { LOST, SHARE_CACHE, SHARE_KEPT, SHARE_PATH, SHARED } from './lib/shell/shared.ts';
import { COMMON_HEADERS, policyHeader, WORKER_POLICY } from './policy.ts';

/** A built file. Its path is below the base; the revision is null where the name has a hash. */
interface BuiltFile {
	url: string;
	revision: string | null;
}

declare const self: ServiceWorkerGlobalScope;

const ENGINE_CACHE = 'alcove-engines';
const CONFIG_CACHE = 'alcove-config';
const CONTENT_POLICY = 'Content-Security-Policy';

// the build puts its list in this place
const files = self.__WB_MANIFEST as BuiltFile[];
const shell = files.filter(({ url }) => !isEngineFile(url));
const absolute = (path: string) => new URL(path, self.location.href).href;
const engineUrls = new Set(files.filter(({ url }) => isEngineFile(url)).map(({ url }) => absolute(url)));

/** Adds the headers that a static host may not send: isolation, and the policy that binds a worker. */
const secured: WorkboxPlugin = {
	handlerWillRespond({ request, response }) {
		const headers = new Headers(response.headers);
		// they told of the bytes on the wire, which are unpacked by now
		if (headers.has('Content-Encoding')) headers.delete('Content-Length');
		headers.delete('Content-Encoding');
		for (const [name, value] of Object.entries(COMMON_HEADERS)) headers.set(name, value);
		if (request.destination === 'worker' || request.destination === 'sharedworker') {
			headers.set(CONTENT_POLICY, policyHeader(WORKER_POLICY));
		} else if (!headers.has(CONTENT_POLICY)) {
			// a page brings the rest of its policy in a meta tag, where this one directive is not heard
			headers.set(CONTENT_POLICY, "frame-ancestors 'none'");
		}
		const { status, statusText } = response;
		return Promise.resolve(new Response(response.body, { status, statusText, headers }));
	}
};

/** A host that answers everything with its page must not have that page kept as the configuration. */
const onlyJson: WorkboxPlugin = {
	cacheWillUpdate({ response }) {
		const isJson = response.headers.get('Content-Type')?.includes('json') ?? false;
		return Promise.resolve(response.ok && isJson ? response : null);
	}
};

addPlugins([secured]);
precacheAndRoute(shell);
registerRoute(
	// a path with a dot is a file's; what follows a question mark is no part of it
	new NavigationRoute(createHandlerBoundToURL('index.html'), {
		denylist: [/^[^?]*\.[^/?]+(?:\?|$)/, /^[^?]*\/api\//]
	})
);
registerRoute(
	({ url }) => engineUrls.has(url.href),
	new CacheFirst({ cacheName: ENGINE_CACHE, plugins: [secured], matchOptions: { ignoreVary: true } })
);
registerRoute(
	({ url }) => url.href === absolute('alcove.json'),
	new NetworkFirst({ cacheName: CONFIG_CACHE, plugins: [onlyJson], matchOptions: { ignoreVary: true } })
);
// whatever else starts as a worker is bound, too
registerRoute(
	({ request, sameOrigin }) => sameOrigin && request.destination === 'worker',
	new NetworkOnly({ plugins: [secured] })
);

// what another app shares: kept here, unread, until the page that opens takes it
registerRoute(
	({ url }) => url.href === absolute(SHARE_PATH),
	({ request }) => keepShared(request),
	'POST'
);

/** Keeps a form and leads to the page with its name, or with why it could not be kept. */
async function keepShared(request: Request): Promise<Response> {
	const to = (query: Record<string, string>) =>
		Response.redirect(`${absolute('./')}?${new URLSearchParams(query).toString()}`, 303);
	try {
		const cache = await caches.open(SHARE_CACHE);
		await forgetOldShares(cache);
		const id = crypto.randomUUID();
		const headers = {
			'Content-Type': request.headers.get('Content-Type') ?? '',
			Date: new Date().toUTCString()
		};
		await cache.put(absolute(`${SHARE_PATH}/${id}`), new Response(request.body, { headers }));
		return to({ [SHARED]: id });
	} catch (error) {
		return to({ [SHARED]: LOST, [LOST]: String(error) });
	}
}

/** Removes what no page has taken in a day. */
async function forgetOldShares(cache: Cache): Promise<void> {
	for (const request of await cache.keys()) {
		const kept = Date.parse((await cache.match(request))?.headers.get('Date') ?? '');
		if (!(Date.now() - kept < SHARE_KEPT)) await cache.delete(request);
	}
}

/** Removes the engines of earlier versions. */
async function forgetOldEngines(): Promise<void> {
	const cache = await caches.open(ENGINE_CACHE);
	const old = (await cache.keys()).filter(({ url }) => !engineUrls.has(url));
	await Promise.all(old.map((request) => cache.delete(request)));
}

/** Fetches what the browser or a person has removed from the precache. @returns whether all of it is there */
async function completePrecache(): Promise<boolean> {
	const cache = await caches.open(cacheNames.precache);
	const kept = new Set((await cache.keys()).map(({ url }) => url));
	const keys = shell.map(({ url }) => getCacheKeyForURL(absolute(url)) ?? absolute(url));
	try {
		await cache.addAll(keys.filter((key) => !kept.has(key)));
		return true;
	} catch (error) {
		console.warn('The offline copy is not complete', error);
		return false;
	}
}

/** Takes control of every page of the app. @returns whether the page that asked is among them */
async function claim(client: string | undefined): Promise<boolean> {
	await self.clients.claim();
	const controlled = await self.clients.matchAll({ type: 'window' });
	return controlled.some(({ id }) => id === client);
}

self.addEventListener('activate', (event) => {
	event.waitUntil(Promise.all([forgetOldEngines(), self.clients.claim()]));
});

self.addEventListener('message', (event) => {
	const request = parseRequest(event.data);
	const answer = (value: unknown) => event.ports[0]?.postMessage(value);
	switch (request?.type) {
		case 'SKIP_WAITING':
			return event.waitUntil(self.skipWaiting());
		case 'CLAIM':
			return event.waitUntil(claim((event.source as Client | null)?.id).then(answer));
		case 'OFFLINE_READY':
			return event.waitUntil(completePrecache().then(answer));
	}
});
