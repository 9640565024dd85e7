const SAFE_PROTOCOLS: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

/**
 * Whether a link may be followed: an absolute http, https or mailto address, read as the browser
 * reads it (so that entities, blanks and case cannot hide another scheme).
 */
export function isSafeLink(href: string): boolean {
	const url = URL.parse(href);
	return url !== null && SAFE_PROTOCOLS.has(url.protocol);
}
