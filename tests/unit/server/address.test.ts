import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { clientAddress, isLocal } from '../../../src/server/address.ts';

function request(remoteAddress: string, forwarded?: string): IncomingMessage {
	const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
	return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

test('without proxies the header is not believed', () => {
	expect(clientAddress(request('203.0.113.9', '198.51.100.1'), 0)).toBe('203.0.113.9');
});

test('behind proxies it is what the outermost of ours saw, whatever the client wrote before', () => {
	expect(clientAddress(request('127.0.0.1', 'forged, 198.51.100.1'), 1)).toBe('198.51.100.1');
	expect(clientAddress(request('127.0.0.1', 'forged, 198.51.100.1, 10.0.0.2'), 2)).toBe('198.51.100.1');
	expect(clientAddress(request('127.0.0.1'), 1)).toBe('127.0.0.1');
});

test('an IPv6 household is one address, an IPv4 one in IPv6 dress is itself', () => {
	const home = clientAddress(request('2001:db8:1:2:3:4:5:6'), 0);
	expect(clientAddress(request('2001:db8:1:2::9'), 0)).toBe(home);
	expect(clientAddress(request('2001:db8:1:3::9'), 0)).not.toBe(home);
	expect(clientAddress(request('::ffff:203.0.113.9'), 0)).toBe('203.0.113.9');
	expect(clientAddress(request('::1'), 0)).toBe('0:0:0:0');
});

test('local is this machine, by no proxy', () => {
	expect(isLocal(request('127.0.0.1'))).toBe(true);
	expect(isLocal(request('::ffff:127.0.0.1'))).toBe(true);
	expect(isLocal(request('::1'))).toBe(true);
	expect(isLocal(request('127.0.0.1', '203.0.113.9'))).toBe(false);
	expect(isLocal(request('203.0.113.9'))).toBe(false);
});
