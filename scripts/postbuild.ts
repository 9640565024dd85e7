import { createHash } from 'node:crypto';
import { copyFile, glob, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { COMMON_HEADERS, policyHeader, SERVICE_WORKER_POLICY, WORKER_POLICY } from '../src/policy.ts';
import { SHELL_REVISION } from '../src/lib/shell/files.ts';
import { pagePolicy } from '../src/server/static.ts';

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

const COMPRESSIBLE = /\.(html|js|css|json|svg|txt|wasm|webmanifest)$/;
/** Above this many bytes brotli's best effort takes minutes on a small machine for a few percent. */
const LARGE = 1_000_000;
/** Smaller files gain nothing. */
const SMALL = 150;

/** Rules for hosts that read a `_headers` file (Netlify, Cloudflare Pages): what our own server sends. */
export function headersFile(base: string, page: string): string {
	const rule = (path: string, headers: Record<string, string>) =>
		[`${base}${path}`, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`), ''].join(
			'\n'
		);
	const policy = 'Content-Security-Policy';
	return [
		// where two rules match, both policies hold; a page's is wide enough for the others to narrow it
		rule('/*', { ...COMMON_HEADERS, [policy]: page }),
		rule('/app/immutable/*', { 'Cache-Control': 'public, max-age=31536000, immutable' }),
		rule('/app/immutable/workers/*', { [policy]: policyHeader(WORKER_POLICY) }),
		rule('/service-worker.js', { 'Cache-Control': 'no-cache', [policy]: policyHeader(SERVICE_WORKER_POLICY) })
	].join('\n');
}

/**
 * The page without the styles of parts that load later: these fetch their own, and Kit would have every
 * visit fetch some of them.
 */
export function withoutLateStyles(html: string): string {
	return html.replaceAll(/<link href="[^"]*\/assets\/(?!first-load\.)[^"]+\.css" rel="stylesheet">\s*/g, '');
}

/** Puts the hash of the page into the service worker's precache list: the page is written after the list. */
async function stampShell(folder: string, html: Buffer): Promise<void> {
	const path = join(folder, 'service-worker.js');
	const script = await readFile(path, 'utf8');
	const parts = script.split(SHELL_REVISION);
	if (parts.length !== 2)
		throw new Error(`${path} must name the page's revision once, not ${parts.length - 1} times`);
	const revision = createHash('sha256').update(html).digest('hex').slice(0, 32);
	await writeFile(path, parts.join(revision));
}

async function compress(path: string): Promise<void> {
	const bytes = await readFile(path);
	const quality = bytes.length > LARGE ? 9 : 11;
	const brotli = {
		params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
	};
	await Promise.all([
		compressBrotli(bytes, brotli).then((packed) => writeFile(`${path}.br`, packed)),
		compressGzip(bytes, { level: 9 }).then((packed) => writeFile(`${path}.gz`, packed))
	]);
}

/**
 * What remains once the adapter has written the page: the page's hash in the precache list, the files that
 * static hosts look for, and every text and wasm file compressed beside itself.
 * @param base the path that the app will be served under, as in BASE_PATH
 */
export async function finishBuild(folder: string, base: string): Promise<void> {
	const page = join(folder, 'index.html');
	const html = Buffer.from(withoutLateStyles(await readFile(page, 'utf8')));
	await writeFile(page, html);
	await stampShell(folder, html);
	await copyFile(page, join(folder, '404.html'));
	await writeFile(join(folder, '.nojekyll'), '');
	await writeFile(join(folder, '_headers'), headersFile(base, pagePolicy(html.toString())));
	const work: Promise<void>[] = [];
	for await (const name of glob('**/*', { cwd: folder })) {
		// models beside the app: their sums are of the files as they are
		if (/^models[\\/]/.test(name)) continue;
		const path = join(folder, name);
		const entry = await stat(path);
		if (entry.isFile() && entry.size >= SMALL && COMPRESSIBLE.test(name)) work.push(compress(path));
	}
	await Promise.all(work);
}
