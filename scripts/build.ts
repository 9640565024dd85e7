/**
 * `npm run build`: the app as static files, in build/ or in the folder that BUILD_DIR names.
 * BASE_PATH is the path that it will be served under ("/alcove"), empty at a root.
 * With `--if-needed` a build of these same sources and settings is left as it is.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from './fingerprint.ts';
import { finishBuild } from './postbuild.ts';

const folder = process.env['BUILD_DIR'] || 'build';
const base = process.env['BASE_PATH'] ?? '';
if (base !== '' && !/^(\/[\w.~-]+)+$/.test(base)) {
	console.error(`BASE_PATH must start with a slash and not end with one, as in "/alcove"; it is "${base}".`);
	process.exit(2);
}

const version = fingerprint();
const done = join(folder, 'app', 'version.json');
const isCurrent = existsSync(done) && readFileSync(done, 'utf8') === JSON.stringify({ version });

if (!process.argv.includes('--if-needed') || !isCurrent) {
	const vite = spawnSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build'], {
		stdio: 'inherit',
		env: { ...process.env, ALCOVE_VERSION: version }
	});
	if (vite.status !== 0) process.exit(vite.status ?? 1);
	await finishBuild(folder, base);
}
