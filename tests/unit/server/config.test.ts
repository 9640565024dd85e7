import { expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../../src/server/config.ts';

test('with nothing set the server is for this machine alone', () => {
	const config = readConfig({ PATH: '/usr/bin', SYNC_LOG_FILE: '' });
	expect(config).toMatchObject({
		host: '127.0.0.1',
		port: 4_180,
		proxies: 0,
		logFile: null,
		logLevel: 'info'
	});
	expect(config.origins).toEqual(['http://localhost:4173', 'http://127.0.0.1:4173']);
});

test('what is kept is in one file, or in a database that several processes share', () => {
	expect(readConfig({ SYNC_DATABASE: 'a.db' })).toMatchObject({
		database: { kind: 'file', path: 'a.db' },
		redis: null
	});
	const DATABASE_URL = 'postgres://alcove:secret@db.example/alcove';
	const REDIS_URL = 'rediss://bus.example';
	expect(readConfig({ DATABASE_URL, REDIS_URL })).toMatchObject({
		database: { kind: 'postgres', url: DATABASE_URL },
		redis: REDIS_URL
	});
	expect(() => readConfig({ REDIS_URL })).toThrow(/DATABASE_URL/);
	expect(() => readConfig({ DATABASE_URL: 'mysql://x' })).toThrow(/DATABASE_URL: .*postgres:/);
	expect(() => readConfig({ DATABASE_URL, REDIS_URL: 'localhost:6379' })).toThrow(/REDIS_URL: .*redis:/);
});

test('origins are taken to the letter', () => {
	expect(readConfig({ SYNC_ORIGINS: 'https://a.example,https://b.example:8443' }).origins).toEqual([
		'https://a.example',
		'https://b.example:8443'
	]);
	for (const SYNC_ORIGINS of [
		'*',
		'null',
		'https://a.example/',
		'a.example',
		'https://a.example, https://b.example'
	]) {
		expect(() => readConfig({ SYNC_ORIGINS })).toThrow(ConfigError);
	}
});

test('what cannot be is refused by its name', () => {
	for (const [name, value] of Object.entries({
		SYNC_PORT: '65536',
		SYNC_PROXIES: '-1',
		SYNC_LOG_LEVEL: 'loud'
	})) {
		expect(() => readConfig({ [name]: value })).toThrow(name);
	}
});
