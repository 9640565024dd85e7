/**
 * The app's shell, kept for offline use as one consistent version; a newer one waits until it is asked for.
 * It never touches another origin nor a model's weights. It notes what leaves the device, and where the person has
 * forbidden the network, nothing does.
 */
import { cacheNames, type WorkboxPlugin } from 'workbox-core';
import { addPlugins, createHandlerBoundToURL, getCacheKeyForURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { CacheFirst, NetworkFirst, NetworkOnly } from 'workbox-strategies';
import { isEngineFile } from './lib/shell/files.ts';
import { Ledger, LEDGER_CHANNEL, type Why } from './lib/shell/ledger.ts';
import { parseRequest } from './lib/shell/messages.ts';
import { Gate, isForbidden, NoNetworkError, REFUSED } from './lib/shell/no-network.ts';
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

const gate = new Gate(() => isForbidden(caches, absolute('./')));
const news = new BroadcastChannel(LEDGER_CHANNEL);
const ledger = new Ledger(indexedDB, () => news.postMessage('noted'));

/** Notes a request. What cannot be noted is done all the same. */
function note(request: { url: string; method: string }, why: Why, response?: Response): void {
	const length = response?.headers.get('Content-Length');
	const outcome = {
		...(response ? { status: response.status } : {}),
		...(length ? { received: +length } : {})
	};
	ledger
		.add({ at: Date.now(), method: request.method, url: request.url, why, ...outcome })
		.catch((error: unknown) => console.info('A request could not be noted', error));
}

const leave = self.fetch.bind(self);
/** What this worker itself fetches, workbox included: only while it may, and noted. */
self.fetch = async (input, init) => {
	if (await gate.forbidden()) throw new NoNetworkError();
	const url = input instanceof Request ? input.url : new URL(input, self.location.href).href;
	const response = await leave(input, init);
	note({ url, method: 'GET' }, engineUrls.has(url) ? 'engine' : 'app', response);
	return response;
};

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
const CONFIG = absolute('alcove.json');
const askFirst = new NetworkFirst({
	cacheName: CONFIG_CACHE,
	plugins: [onlyJson],
	matchOptions: { ignoreVary: true }
});
registerRoute(({ url }) => url.href === CONFIG, askFirst);
// remembered from the first visit on, whose page has asked for it before there was a worker
self.addEventListener('install', (event) => {
	const [response, remembered] = askFirst.handleAll({ event, request: new Request(CONFIG) });
	// where it cannot be had, whoever wants it asks again and says so
	event.waitUntil(Promise.allSettled([response, remembered]));
});
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

// whatever is left goes to the network, if it may: by the browser itself, so that no model passes through here
for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
	registerRoute(({ request }) => !gate.isOpen || leaves(request), throughGate, method);
}

/** Notes a request that is left to the browser. @returns false: it is no longer ours */
function leaves(request: Request): false {
	const sameOrigin = new URL(request.url).origin === self.location.origin;
	if (!gate.wasAnnounced(request.url)) note(request, sameOrigin ? 'app' : 'other');
	return false;
}

/** Answers while the switch is on, or not yet read. */
async function throughGate({ request }: { request: Request }): Promise<Response> {
	if (await gate.forbidden()) {
		const headers = { [REFUSED]: 'no-network', 'Content-Type': 'text/plain' };
		return new Response(new NoNetworkError().message, { status: 503, statusText: 'No network', headers });
	}
	leaves(request);
	return leave(request);
}

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
		for (const key of keys.filter((key) => !kept.has(key))) {
			const response = await fetch(key);
			if (!response.ok) throw new Error(`${key} answered ${response.status}`);
			await cache.put(key, response);
		}
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
	// it may have been turned while this version waited
	event.waitUntil(Promise.all([gate.forbidden(true), forgetOldEngines(), self.clients.claim()]));
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
		case 'NETWORK':
			return event.waitUntil(gate.forbidden(true).then(answer));
		case 'MAY_LEAVE':
			return event.waitUntil(
				gate.forbidden().then((forbidden) => {
					if (!forbidden && request.url !== undefined) gate.announce(request.url);
					answer(!forbidden);
				})
			);
	}
});
