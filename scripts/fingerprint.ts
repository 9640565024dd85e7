import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';

/** Everything a build is made from: files, and the settings that come in by the environment. */
const SOURCES = [
	'src',
	'static',
	'scripts',
	'package.json',
	'package-lock.json',
	'svelte.config.js',
	'vite.config.ts'
];
const GENERATED = /^src\/lib\/i18n\/paraglide\/|^src\/i18n\/project\.inlang\/(?!settings)/;
const SETTINGS = ['BASE_PATH', 'ALCOVE_MODEL_HOST', 'ALCOVE_SYNC_HOST', 'ALCOVE_WEBLLM'];

/**
 * The app's version: a hash of its sources, so that the same sources build to the same bytes and a build
 * tells whether it is still the one of these sources.
 * @returns 16 hexadecimal digits
 */
export function fingerprint(): string {
	const hash = createHash('sha256');
	for (const name of SETTINGS) hash.update(`${name}=${process.env[name] ?? ''}\0`);
	const paths = SOURCES.filter((source) => existsSync(source))
		.flatMap((source) => (statSync(source).isDirectory() ? globSync(`${source}/**/*`) : [source]))
		.map((path) => path.replaceAll('\\', '/'))
		.filter((path) => !GENERATED.test(path) && statSync(path).isFile())
		.sort();
	for (const path of paths) hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
	return hash.digest('hex').slice(0, 16);
}
