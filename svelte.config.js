import adapter from '@sveltejs/adapter-static';
import { documentPolicy } from './src/policy.ts';

const extraHosts = { models: process.env['ALCOVE_MODEL_HOST'], sync: process.env['ALCOVE_SYNC_HOST'] };

/**
 * Svelte's and Kit's options; vite.config.ts hands them to the sveltekit plugin.
 * BASE_PATH is the folder the app is served from ("/alcove" on a project page), empty at a root;
 * BUILD_DIR is where the build goes, when it is not to be build/.
 * @type {Parameters<typeof import('@sveltejs/kit/vite').sveltekit>[0]}
 */
const config = {
	compilerOptions: { runes: true },
	adapter: adapter({
		pages: process.env['BUILD_DIR'] || 'build',
		fallback: 'index.html',
		precompress: false
	}),
	appDir: 'app',
	output: { bundleStrategy: 'split' },
	paths: { base: /** @type {'' | `/${string}`} */ (process.env['BASE_PATH'] ?? ''), relative: false },
	csp: { mode: 'hash', directives: documentPolicy(extraHosts) },
	// vite-plugin-pwa builds src/service-worker.ts, which Kit would build too if it were not sent elsewhere
	files: { serviceWorker: 'src/no-service-worker' },
	serviceWorker: { register: false },
	version: { name: process.env['ALCOVE_VERSION'] ?? String(Date.now()), pollInterval: 0 }
};

export default config;
