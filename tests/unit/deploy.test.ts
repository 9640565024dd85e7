import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
	for (const work of cleanUp.splice(0).reverse()) await work();
});

/** What the last stage of the Dockerfile takes from the checkout, beside what is built and installed. */
function takenSources(): string[] {
	const lines = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8').split('\n');
	const taken = lines.flatMap((line) => /^COPY --from=\w+ \/alcove\/(\S+) \.\//.exec(line)?.[1] ?? []);
	return taken.filter((path) => path !== 'build' && path !== 'node_modules');
}

/** The packages that are there without those for development. */
function servedPackages(): string[] {
	const listed = spawnSync('npm', ['ls', '--omit=dev', '--omit=optional', '--all', '--parseable'], {
		cwd: ROOT,
		encoding: 'utf8'
	});
	return listed.stdout.split('\n').filter((path) => path.includes('node_modules'));
}

test('what an image takes is enough to serve the app and its rooms', { timeout: 60_000 }, async () => {
	const folder = mkdtempSync(join(tmpdir(), 'alcove-image-'));
	cleanUp.push(() => rmSync(folder, { recursive: true }));
	const sources = takenSources();
	expect(sources).toContain('scripts/start.ts');
	for (const path of sources) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
	for (const path of servedPackages()) {
		const to = join(folder, relative(ROOT, path));
		mkdirSync(dirname(to), { recursive: true });
		symlinkSync(path, to);
	}
	mkdirSync(join(folder, 'build'));
	const policy = '<meta http-equiv="content-security-policy" content="default-src *">';
	writeFileSync(join(folder, 'build/index.html'), `${policy}<title>Built</title>`);
	// with the paths as they are in the image: what a link leads to must not find its neighbours there
	const flags = ['--preserve-symlinks', '--preserve-symlinks-main'];
	const child = spawn(process.execPath, [...flags, 'scripts/start.ts'], {
		cwd: folder,
		env: { NODE_ENV: 'production', SKIP_BUILD: '1', PORT: '0', SYNC_DATABASE: join(folder, 'alcove.db') },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	const exited = once(child, 'exit');
	cleanUp.push(async () => {
		child.kill('SIGKILL');
		await exited;
	});
	let complaints = '';
	child.stderr.on('data', (data) => (complaints += String(data)));
	const address = await new Promise<string>((resolve, reject) => {
		createInterface(child.stdout).on('line', (line) => {
			const found = /^Alcove is at (\S+)$/.exec(line)?.[1];
			if (found !== undefined) resolve(found);
		});
		child.once('exit', () => reject(new Error(`it did not start: ${complaints}`)));
	});
	const get = async (path: string) => (await fetch(new URL(path, address))).text();
	expect(await get('/')).toContain('Built');
	expect(await get('/healthz')).toBe('ok\n');
	expect(await get('/api/v1/server')).toBe('{"protocol":1}');
});
