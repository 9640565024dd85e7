import { describe, expect, test } from 'vitest';
import { AppConfigError, loadAppConfig, parseAppConfig } from '#lib/models/app-config.ts';

const origins = {
	base: 'https://chat.example/alcove/',
	allowed: ['https://huggingface.co', 'https://*.hf.co']
};
const model = { id: 'own', name: 'Own model', url: 'models/own.gguf', bytes: 1000 };

function failureOf(input: unknown) {
	try {
		parseAppConfig(input, origins);
	} catch (error) {
		if (error instanceof AppConfigError) return error.failure;
		throw error;
	}
	throw new Error('expected an AppConfigError');
}

/** A file of two parts of 1 MiB. */
const pinWith = (parts: object) => ({
	pins: { 'https://a.b/c': { bytes: 1024 ** 2 + 1, sha256: 'a'.repeat(64), parts } }
});

describe('alcove.json', () => {
	test('needs little: the rest has defaults', () => {
		expect(parseAppConfig({ models: [model] }, origins).models).toEqual([
			{
				id: 'own',
				name: 'Own model',
				languages: [],
				contextWindow: 4096,
				builds: [
					{
						id: 'own:own',
						engine: 'wllama',
						quantization: 'GGUF',
						needs: {},
						bytes: 1000,
						memory: 1000 + 256 * 1024 ** 2,
						url: 'https://chat.example/alcove/models/own.gguf'
					}
				]
			}
		]);
	});

	test('takes everything it knows', () => {
		const sha256 = 'A'.repeat(64);
		const licence = { name: 'MIT', url: 'https://opensource.org/license/mit' };
		const full = { ...model, contextWindow: 512, pace: 40, licence, sha256 };
		const [parsed] = parseAppConfig({ models: [full] }, origins).models;
		expect(parsed).toMatchObject({ contextWindow: 512, licence });
		expect(parsed?.builds[0]).toMatchObject({ pace: 40, sha256: 'a'.repeat(64) });
	});

	test('may be empty', () => {
		expect(parseAppConfig({}, origins)).toEqual({ models: [], mirrors: [], pins: {} });
	});

	test('names mirrors, absolute and with a slash at the end, a default model and pins', () => {
		const pins = { 'https://huggingface.co/a/b.gguf': { bytes: 7, sha256: 'b'.repeat(64) } };
		const mirrors = ['models', 'https://huggingface.co/'];
		expect(parseAppConfig({ mirrors, defaultModel: 'own', pins }, origins)).toEqual({
			models: [],
			mirrors: ['https://chat.example/alcove/models/', 'https://huggingface.co/'],
			defaultModel: 'own',
			pins
		});
	});

	test('takes the sums of a file’s parts', () => {
		const sums = { size: 1024 ** 2, sha256: ['C'.repeat(64), 'd'.repeat(64)] };
		const pin = { bytes: 1024 ** 2 + 1, sha256: 'b'.repeat(64), parts: sums };
		const { pins } = parseAppConfig({ pins: { 'https://a.b/c': pin } }, origins);
		expect(pins['https://a.b/c']?.parts).toEqual({ ...sums, sha256: ['c'.repeat(64), 'd'.repeat(64)] });
	});

	test.each<[string, unknown, object]>([
		['a list', [], { kind: 'wrong-type', where: 'the file' }],
		['models that are no list', { models: {} }, { kind: 'wrong-type', where: 'models' }],
		['a stray field', { models: [], model: [] }, { kind: 'unknown-field', where: 'the file.model' }],
		['a model that is a text', { models: ['x'] }, { kind: 'wrong-type', where: 'models[0]' }],
		['an empty id', { models: [{ ...model, id: ' ' }] }, { where: 'models[0].id' }],
		['bytes as text', { models: [{ ...model, bytes: '1000' }] }, { where: 'models[0].bytes' }],
		['no bytes', { models: [{ ...model, bytes: 0 }] }, { where: 'models[0].bytes' }],
		['half a token', { models: [{ ...model, contextWindow: 0.5 }] }, { where: 'models[0].contextWindow' }],
		['a short hash', { models: [{ ...model, sha256: 'abc' }] }, { where: 'models[0].sha256' }],
		[
			'a script for a licence',
			{ models: [{ ...model, licence: { name: 'x', url: 'javascript:1' } }] },
			{ where: 'models[0].licence.url' }
		],
		['a typo', { models: [{ ...model, contextwindow: 5 }] }, { where: 'models[0].contextwindow' }],
		['a mirror that is no text', { mirrors: [1] }, { kind: 'wrong-type', where: 'mirrors[0]' }],
		['a mirror that the page may not reach', { mirrors: ['https://x.example/'] }, { kind: 'foreign-url' }],
		['a default model without a name', { defaultModel: '' }, { where: 'defaultModel' }],
		['pins as a list', { pins: [] }, { where: 'pins' }],
		[
			'a pin for a relative URL',
			{ pins: { x: { bytes: 1, sha256: 'a'.repeat(64) } } },
			{ where: 'pins["x"]' }
		],
		[
			'a pin without a size',
			{ pins: { 'https://a.b/c': { sha256: 'a'.repeat(64) } } },
			{ where: 'pins["https://a.b/c"].bytes' }
		],
		[
			'fewer sums than a file has parts',
			pinWith({ size: 1024 ** 2, sha256: ['a'.repeat(64)] }),
			{ where: 'pins["https://a.b/c"].parts.sha256', expected: 'a list of 2 sums' }
		],
		[
			'a sum of a part that is none',
			pinWith({ size: 1024 ** 2, sha256: ['a'.repeat(64), 'b'] }),
			{ where: 'pins["https://a.b/c"].parts.sha256[1]' }
		],
		[
			'parts of a few bytes',
			pinWith({ size: 1_000, sha256: [] }),
			{ where: 'pins["https://a.b/c"].parts.size' }
		],
		['one id twice', { models: [model, model] }, { kind: 'duplicate-id', where: 'models[1].id', id: 'own' }]
	])('refuses %s', (_name, input, failure) => {
		expect(failureOf(input)).toMatchObject(failure);
	});

	test.each(['https://evil.example/x.gguf', 'http://huggingface.co/x', 'https://nothf.co/x', 'data:,x'])(
		'refuses a file from %s',
		(url) => {
			expect(failureOf({ models: [{ ...model, url }] })).toMatchObject({ kind: 'foreign-url' });
		}
	);

	test.each(['https://huggingface.co/a/b.gguf', 'https://cdn.hf.co/b.gguf', '/b.gguf'])(
		'allows %s',
		(url) => {
			expect(parseAppConfig({ models: [{ ...model, url }] }, origins).models).toHaveLength(1);
		}
	);
});

describe('the sync server', () => {
	const allowed = ['https://sync.example'];

	test.each([
		['https://sync.example', 'https://sync.example/'],
		['https://sync.example/rooms//', 'https://sync.example/rooms/'],
		['/', 'https://chat.example/'],
		['sync', 'https://chat.example/alcove/sync/']
	])('may be %s', (sync, url) => {
		expect(parseAppConfig({ sync }, { ...origins, allowed }).sync).toBe(url);
	});

	test.each(['https://other.example', 'http://sync.example', 'https://sync.example:8443'])(
		'is refused where the policy lets no page reach %s',
		(sync) => {
			expect(() => parseAppConfig({ sync }, { ...origins, allowed })).toThrow('foreign-url');
		}
	);

	test.each([7, '', null, 'https://'])('is refused as %j', (sync) => {
		expect(failureOf({ sync })).toMatchObject({ kind: 'wrong-type', where: 'sync' });
	});
});

describe('loading it', () => {
	const serving =
		(body: string, status = 200) =>
		() =>
			Promise.resolve(new Response(body, { status }));

	test.each([
		['a host without one', serving('not found', 404)],
		['a host that answers with its fallback page', serving('\n<!doctype html><p>Alcove')]
	])('finds no own models on %s', async (_name, fetch) => {
		expect(await loadAppConfig(fetch, origins)).toEqual({ models: [], mirrors: [], pins: {} });
	});

	test('asks beside the app', async () => {
		const asked: string[] = [];
		const fetch = (input: string | URL | Request) => {
			asked.push(input instanceof Request ? input.url : String(input));
			return Promise.resolve(Response.json({ models: [model] }));
		};
		expect((await loadAppConfig(fetch, origins)).models).toHaveLength(1);
		expect(asked).toEqual(['https://chat.example/alcove/alcove.json']);
	});

	test.each<[string, typeof fetch, object]>([
		['an error of the host', serving('', 503), { kind: 'http', status: 503 }],
		['half a file', serving('{ "models": ['), { kind: 'not-json' }],
		['no network', () => Promise.reject(new TypeError('offline')), { kind: 'unreachable' }]
	])('reports %s', async (_name, fetch, failure) => {
		await expect(loadAppConfig(fetch, origins)).rejects.toMatchObject({ failure });
	});
});
