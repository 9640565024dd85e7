import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { finishBuild, headersFile, withoutLateStyles } from '../../../scripts/postbuild.ts';
import { isEngineFile, SHELL_REVISION } from '../../../src/lib/shell/files.ts';
import { parseRequest } from '../../../src/lib/shell/messages.ts';

const PAGE = `<head><meta http-equiv="content-security-policy" content="default-src 'none'"></head>${' '.repeat(500)}`;
let folder: string;
const read = (name: string) => readFile(join(folder, name), 'utf8');

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'alcove-build-'));
	await writeFile(join(folder, 'index.html'), PAGE);
	await writeFile(join(folder, 'service-worker.js'), `list=["${SHELL_REVISION}"]`);
	await writeFile(join(folder, 'self-test.gguf'), 'GGUF'.repeat(500));
});
afterEach(() => rm(folder, { recursive: true }));

it('puts the hash of the page into the list, so that another page is another version', async () => {
	await finishBuild(folder, '');
	const first = await read('service-worker.js');
	expect(first).toMatch(/^list=\["[0-9a-f]{32}"\]$/);
	await writeFile(join(folder, 'index.html'), `${PAGE} `);
	await writeFile(join(folder, 'service-worker.js'), `list=["${SHELL_REVISION}"]`);
	await finishBuild(folder, '');
	expect(await read('service-worker.js')).not.toBe(first);
});

it.each(['list=[]', `${SHELL_REVISION} ${SHELL_REVISION}`])(
	'stops when the page is not listed once: %s',
	async (script) => {
		await writeFile(join(folder, 'service-worker.js'), script);
		await expect(finishBuild(folder, '')).rejects.toThrow('once');
	}
);

it('writes what static hosts look for, and every text compressed', async () => {
	await finishBuild(folder, '');
	expect(await read('404.html')).toBe(PAGE);
	expect(await read('.nojekyll')).toBe('');
	expect(brotliDecompressSync(await readFile(join(folder, 'index.html.br'))).toString()).toBe(PAGE);
	expect(gunzipSync(await readFile(join(folder, 'index.html.gz'))).toString()).toBe(PAGE);
	await expect(read('self-test.gguf.br')).rejects.toThrow('ENOENT');
});

it('leaves styles of what loads later to the part that wants them', () => {
	const link = (name: string) => `<link href="/base/app/immutable/assets/${name}.css" rel="stylesheet">`;
	const page = `<head>${link('first-load.Dhb4iEuR')}\n\t\t${link('notice.DZZrfoTH')}\n</head>`;
	expect(withoutLateStyles(page)).toBe(`<head>${link('first-load.Dhb4iEuR')}\n\t\t</head>`);
});

it('names the headers for hosts that read them, below the base', () => {
	const lines = headersFile('/alcove', "default-src 'none'; frame-ancestors 'none'").split('\n');
	const rules = lines.filter((line) => line.startsWith('/'));
	expect(rules).toEqual([
		'/alcove/*',
		'/alcove/app/immutable/*',
		'/alcove/app/immutable/workers/*',
		'/alcove/service-worker.js'
	]);
	expect(lines).toContain('  Cross-Origin-Embedder-Policy: require-corp');
	expect(lines).toContain("  Content-Security-Policy: default-src 'none'; frame-ancestors 'none'");
});

it('tells engines from the shell', () => {
	for (const path of [
		'app/immutable/workers/webllm.worker-1a.js',
		'app/immutable/workers/wllama.worker-1a.js',
		'app/immutable/workers/chunks/1a.js',
		'app/immutable/workers/assets/wllama-1a.wasm'
	]) {
		expect(isEngineFile(path), path).toBe(true);
	}
	for (const path of ['index.html', 'app/immutable/chunks/1a.js', 'icons/icon.svg', 'webllm.js']) {
		expect(isEngineFile(path), path).toBe(false);
	}
});

it('hears three requests and nothing else', () => {
	expect(parseRequest({ type: 'OFFLINE_READY', more: 1 })).toEqual({ type: 'OFFLINE_READY' });
	for (const data of [null, 'CLAIM', 7, {}, { type: 'DELETE' }, { type: { toString: () => 'CLAIM' } }]) {
		expect(parseRequest(data)).toBeUndefined();
	}
});
