/** Which of the built files make the app's shell, which an engine, and which neither. Paths are below the base. */

/** Stands for the hash of the page in the precache list until the page is written. */
export const SHELL_REVISION = 'alcove-shell-revision';

/**
 * An engine's library: megabytes that are fetched, and then kept, only when that engine is first used.
 * Every worker of the app is an engine's but the one that searches.
 */
const ENGINE_FILE = /^app\/immutable\/(?:workers\/(?!search)|.*\.wasm$)/;

/** @param path of a built file, without a slash before it */
export function isEngineFile(path: string): boolean {
	return ENGINE_FILE.test(path);
}

/** Built files that are in no list of the service worker, as globs, each with the reason. */
export const LEFT_OUT: readonly { files: string; reason: string }[] = [
	{ files: 'service-worker.js', reason: 'the browser keeps it' },
	{ files: 'app/version.json', reason: 'answers only for the server it is on' },
	{ files: 'models/**', reason: 'models beside the app, fetched at the user’s word and kept by lib/models' },
	{ files: '*.gguf', reason: 'a model, fetched at the user’s word and kept by lib/models' },
	{ files: 'alcove.json', reason: 'the host may change it at any time: the network is asked first' },
	{ files: 'screenshots/**', reason: 'for the install dialog alone, which needs the network anyway' },
	{ files: '404.html', reason: 'index.html under another name, for static hosts' },
	{ files: '_headers', reason: 'for static hosts' },
	{ files: '.nojekyll', reason: 'for static hosts' },
	{ files: '.vite/**', reason: 'the build’s own notes' },
	{ files: '**/*.{br,gz}', reason: 'other forms of files that are listed' }
];
