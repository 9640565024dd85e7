import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { expect, test } from '@playwright/test';
import { isEngineFile, LEFT_OUT, SHELL_REVISION } from '../../src/lib/shell/files.ts';

const BUILD = 'build';
const built = globSync('**/*', { cwd: BUILD }).filter((path) => statSync(`${BUILD}/${path}`).isFile());
const worker = readFileSync(`${BUILD}/service-worker.js`, 'utf8');

/** The list as it stands in the service worker. */
function listed(): { url: string; revision: string | null }[] {
	const entry = /\{["']?revision["']?:(null|["'][0-9a-f]+["']),["']?url["']?:["']([^"']+)["']\}/g;
	return [...worker.matchAll(entry)].map(([, revision, url]) => ({
		url: url ?? '',
		revision: revision === 'null' ? null : (revision?.slice(1, -1) ?? null)
	}));
}

const list = listed();
const urls = new Set(list.map(({ url }) => url));
const leftOut = (path: string) => LEFT_OUT.some(({ files }) => matchesGlob(path, files));

test('every built file is kept by the service worker or left out for a named reason', () => {
	expect(list.length).toBeGreaterThan(10);
	const forgotten = built.filter((path) => !urls.has(path) && !leftOut(path));
	expect(forgotten).toEqual([]);
});

test('every listed file was built and none of them is left out as well', () => {
	expect(list.length).toBe(urls.size);
	expect([...urls].filter((url) => !built.includes(url) || leftOut(url))).toEqual([]);
});

test('a name without a hash has the revision of its content', () => {
	for (const { url, revision } of list.filter(({ url }) => !url.startsWith('app/immutable/'))) {
		const content = readFileSync(`${BUILD}/${url}`);
		const hashes = ['md5', 'sha256'].map((algorithm) => createHash(algorithm).update(content).digest('hex'));
		expect(
			hashes.some((hash) => revision !== null && hash.startsWith(revision)),
			url
		).toBe(true);
	}
	expect(worker).not.toContain(SHELL_REVISION);
});

test('both engines wait for their first use, and the shell without them is small', () => {
	const engines = [...urls].filter(isEngineFile);
	for (const part of [/webllm[^/]*\.js$/, /wllama[^/]*\.js$/, /\.wasm$/]) {
		expect(
			engines.some((url) => part.test(url)),
			String(part)
		).toBe(true);
	}
	const shell = [...urls].filter((url) => !isEngineFile(url));
	const heavy = shell.filter((url) => statSync(`${BUILD}/${url}`).size > 500_000);
	expect(heavy).toEqual([]);
});

test('no built file but the service worker’s own names a model’s weights for keeping', () => {
	expect([...urls].filter((url) => /gguf|params_shard/.test(url))).toEqual([]);
});

test('an engine’s program has another name in each of its versions, so that no old one meets new code', () => {
	const engines = list.filter(({ url }) => isEngineFile(url));
	expect(engines.length).toBeGreaterThan(3);
	expect(engines.filter(({ url }) => !/[/.-][\w-]{8}\.(?:js|wasm)$/.test(url))).toEqual([]);
	// kept under that name for good: what is fetched once is never asked for again
	expect(engines.filter(({ revision }) => revision !== null)).toEqual([]);
});
