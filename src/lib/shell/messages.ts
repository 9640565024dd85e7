/** What the page asks of the service worker. Every message but the first is answered on its port. */
export type ShellRequest =
	/** Take over from the version that runs. The name is workbox-window's. */
	| { type: 'SKIP_WAITING' }
	/** Control every page of the app, one that was reloaded past the cache too. Answered with whether it does. */
	| { type: 'CLAIM' }
	/** Is every file of the shell kept? What is missing is fetched first. Answered with a boolean. */
	| { type: 'OFFLINE_READY' };

const TYPES = ['SKIP_WAITING', 'CLAIM', 'OFFLINE_READY'] as const;

/** @returns the request, or undefined for any other message */
export function parseRequest(data: unknown): ShellRequest | undefined {
	if (typeof data !== 'object' || data === null || !('type' in data)) return undefined;
	const type = TYPES.find((known) => known === data.type);
	return type && { type };
}
