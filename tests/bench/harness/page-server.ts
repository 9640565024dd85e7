import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build, preview } from 'vite';
import { ISOLATION_HEADERS } from '../../../src/policy.ts';

export interface PageServer {
	/** The page's address. */
	url: string;
	close(): Promise<void>;
}

/**
 * Builds and serves a page that uses parts of the app without the app, on an origin of its own.
 * @param html the page's file
 * @param files what lies beside it, by name
 */
export async function servePage(html: string, files: Record<string, Uint8Array> = {}): Promise<PageServer> {
	const folder = await mkdtemp(join(tmpdir(), 'alcove-bench-'));
	const root = join(html, '..');
	await build({
		configFile: false,
		logLevel: 'error',
		root,
		worker: { format: 'es' },
		build: { outDir: folder, target: 'es2023', rolldownOptions: { input: html } }
	});
	for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
	const server = await preview({
		configFile: false,
		logLevel: 'error',
		root,
		build: { outDir: folder },
		preview: { host: '127.0.0.1', port: 0, headers: ISOLATION_HEADERS }
	});
	const home = server.resolvedUrls?.local[0];
	if (home === undefined) throw new Error(`${basename(html)} is not served`);
	return {
		url: home + basename(html),
		async close() {
			await server.close();
			await rm(folder, { recursive: true });
		}
	};
}
