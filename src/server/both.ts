import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SyncServer } from './server.ts';
import type { Handler } from './static.ts';

/** What Node's http server needs of whoever answers on its port. */
export interface Door {
	request(request: IncomingMessage, response: ServerResponse): void;
	upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
}

/**
 * The app and the sync server behind one door: what the sync server owns below the app's base is its own, all
 * else is the app's.
 * @param base the path that the app is served under: "" at a root, else "/alcove"
 */
export function serveBoth(app: Handler, sync: Pick<SyncServer, 'owns' | keyof Door>, base = ''): Door {
	/** @returns whether the request is for the sync server, which then finds its own paths in it */
	const goesToSync = (request: IncomingMessage): boolean => {
		const url = URL.parse(`http://localhost${request.url ?? '/'}`);
		if (!url?.pathname.startsWith(`${base}/`)) return false;
		const path = url.pathname.slice(base.length);
		if (!sync.owns(path)) return false;
		request.url = path + url.search;
		return true;
	};
	return {
		request: (request, response) =>
			goesToSync(request) ? sync.request(request, response) : app(request, response),
		upgrade(request, stream, head) {
			// a handshake for anything else is refused by the sync server, too
			goesToSync(request);
			sync.upgrade(request, stream, head);
		}
	};
}
