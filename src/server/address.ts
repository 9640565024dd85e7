import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/**
 * The address that limits count by. Behind proxies it is the one that the outermost trusted proxy saw; an
 * IPv6 address counts as its /64, which is what one household has.
 * @param proxies how many proxies of our own stand in front; what a client writes beyond them is not believed
 */
export function clientAddress(request: IncomingMessage, proxies: number): string {
	const own = request.socket.remoteAddress ?? '';
	if (proxies === 0) return household(own);
	const header = request.headers['x-forwarded-for'];
	const seen = (Array.isArray(header) ? header.join(',') : (header ?? ''))
		.split(',')
		.map((part) => part.trim());
	return household(seen.at(-proxies) || own);
}

/** Whether the request comes from this machine itself, by no proxy. */
export function isLocal(request: IncomingMessage): boolean {
	const address = request.socket.remoteAddress ?? '';
	const loopback = address === '::1' || /^(::ffff:)?127\./.test(address);
	return (
		loopback && request.headers['x-forwarded-for'] === undefined && request.headers['forwarded'] === undefined
	);
}

function household(address: string): string {
	const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
	if (!isIPv6(plain)) return plain;
	const [left = '', right] = plain.split('::');
	const head = left === '' ? [] : left.split(':');
	const tail = right === undefined || right === '' ? [] : right.split(':');
	const zeros =
		right === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
	return [...head, ...zeros, ...tail].slice(0, 4).join(':');
}
