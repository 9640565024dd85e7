/** What the page asks of the service worker. Every message but the first is answered on its port. */
export type ShellRequest =
	/** Take over from the version that runs. The name is workbox-window's. */
	| { type: 'SKIP_WAITING' }
	/** Control every page of the app, one that was reloaded past the cache too. Answered with whether it does. */
	| { type: 'CLAIM' }
	/** Is every file of the shell kept? What is missing is fetched first. Answered with a boolean. */
	| { type: 'OFFLINE_READY' }
	/** The No network switch was turned: read it anew. Answered when that is done. */
	| { type: 'NETWORK' }
	/** May a request leave? Of one with its address the page itself keeps the record. Answered with a boolean. */
	| { type: 'MAY_LEAVE'; url?: string };

const TYPES = ['SKIP_WAITING', 'CLAIM', 'OFFLINE_READY', 'NETWORK', 'MAY_LEAVE'] as const;

/** @returns the request, or undefined for any other message */
export function parseRequest(data: unknown): ShellRequest | undefined {
	if (typeof data !== 'object' || data === null || !('type' in data)) return undefined;
	const type = TYPES.find((known) => known === data.type);
	const url = type === 'MAY_LEAVE' && 'url' in data && typeof data.url === 'string' ? { url: data.url } : {};
	return type && { type, ...url };
}
