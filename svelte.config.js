import adapter from '@sveltejs/adapter-static';
import { documentPolicy } from './src/policy.ts';

/**
 * Svelte's and Kit's options; vite.config.ts hands them to the sveltekit plugin.
 * BASE_PATH is the folder the app is served from ("/alcove" on a project page), empty at a root.
 * @type {Parameters<typeof import('@sveltejs/kit/vite').sveltekit>[0]}
 */
const config = {
	compilerOptions: { runes: true },
	adapter: adapter({ fallback: 'index.html', precompress: false }),
	appDir: 'app',
	output: { bundleStrategy: 'split' },
	paths: { base: /** @type {'' | `/${string}`} */ (process.env['BASE_PATH'] ?? ''), relative: false },
	csp: { mode: 'hash', directives: documentPolicy(process.env['ALCOVE_MODEL_HOST']) },
	serviceWorker: { register: false },
	version: { pollInterval: 0 }
};

export default config;
