import { existsSync } from 'node:fs';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { selfTestModel } from './scripts/talking/vite-plugin.ts';
import { firstLoad } from './scripts/first-load.ts';
import kitOptions from './svelte.config.js';
import { LEFT_OUT, SHELL_REVISION } from './src/lib/shell/files.ts';
import { webManifest } from './src/lib/shell/manifest.ts';
import { ISOLATION_HEADERS } from './src/policy.ts';
import { chromiumLaunch } from './tests/support/chromium.ts';
import { faultNotes } from './tests/support/faults.ts';
import { modelHost } from './tests/support/model-host.ts';
import { syncHost } from './tests/support/sync-host.ts';

const paraglide = () =>
	paraglideVitePlugin({
		project: './src/i18n/project.inlang',
		outdir: './src/lib/i18n/paraglide',
		strategy: ['globalVariable', 'baseLocale'],
		outputStructure: 'message-modules',
		emitTsDeclarations: true
	});

interface ConfigPlugin {
	name: string;
	config?: { handler(this: unknown, ...input: unknown[]): unknown };
}

/**
 * Kit's plugins with the options of svelte.config.js. Kit 3 stops when a file of that name exists,
 * lest options that it no longer reads be kept there; here it is read, so that one error is passed over.
 */
async function kit(): Promise<Plugin[]> {
	const plugins = await sveltekit(kitOptions);
	const guard = (plugins as ConfigPlugin[]).find(
		(plugin) => plugin.name === 'vite-plugin-sveltekit-resolve-root'
	);
	const hook = guard?.config;
	if (!hook) throw new Error('Kit has changed: see kit() in vite.config.ts');
	const check = hook.handler;
	hook.handler = function (...input) {
		try {
			return check.apply(this, input);
		} catch (error) {
			if (!String(error).includes('svelte.config.js')) throw error;
			return undefined;
		}
	};
	return plugins;
}

/** The manifest and the service worker, built from what Kit has written for the browser. */
function pwa(): Plugin[] {
	const folder = '.svelte-kit/output/client';
	const plugins = VitePWA({
		strategies: 'injectManifest',
		srcDir: 'src',
		filename: 'service-worker.ts',
		outDir: folder,
		injectRegister: false,
		includeManifestIcons: false,
		manifest: webManifest(process.env['BASE_PATH'] ?? '', (file) => existsSync(`static/screenshots/${file}`)),
		injectManifest: {
			globDirectory: folder,
			globPatterns: ['**/*'],
			// the plugin lists the manifest itself
			globIgnores: [...LEFT_OUT.map(({ files }) => files), 'manifest.webmanifest'],
			// engines are listed too: the service worker tells them from the shell
			maximumFileSizeToCacheInBytes: 64_000_000,
			dontCacheBustURLsMatching: /^app\/immutable\//,
			additionalManifestEntries: [{ url: 'index.html', revision: SHELL_REVISION }]
		}
	});
	return plugins.map(({ transformIndexHtml, ...plugin }) => {
		// there is no index.html at this point, so Kit would warn of a hook that has nothing to do
		void transformIndexHtml;
		return { ...plugin, applyToEnvironment: ({ name }) => name === 'client' };
	});
}

/** What the tests in the browser import, also through `import()`. */
const TESTED_DEPENDENCIES = [
	'dexie',
	'markdown-it',
	'markdown-it-cjk-friendly',
	'temml',
	'lowlight',
	'highlight.js/lib/languages/*',
	'hash-wasm',
	'axe-core',
	'@mlc-ai/web-llm',
	'@wllama/wllama/esm/index.js'
];

const testing = process.env['VITEST'] === 'true';

export default defineConfig({
	// the tests exercise modules, not pages: they need runes, not Kit
	plugins: testing
		? [paraglide(), svelte({ configFile: false })]
		: [paraglide(), selfTestModel(), kit(), pwa(), firstLoad()],
	// ALCOVE_MODEL_HOST at build time is asked for model files instead of the hub
	envPrefix: ['VITE_', 'ALCOVE_'],
	resolve: {
		alias: {
			// the build for current browsers is 3 kB smaller
			dexie: 'dexie/dist/modern/dexie.mjs',
			// a check of the real WebLLM path runs an older release, for which a compiled library is at hand
			...(process.env['ALCOVE_WEBLLM'] ? { '@mlc-ai/web-llm': process.env['ALCOVE_WEBLLM'] } : {})
		}
	},
	server: { headers: ISOLATION_HEADERS },
	// found while a test runs, a dependency would reload the page under it
	...(testing ? { optimizeDeps: { include: TESTED_DEPENDENCIES } } : {}),
	build: {
		modulePreload: {
			polyfill: false,
			// a later chunk's styles are there before it runs; the names of the scripts that it imports are in
			// itself, and listing them all would make each first visit longer
			resolveDependencies: (_, files) => files.filter((file) => file.endsWith('.css'))
		},
		target: 'es2023'
	},
	worker: { format: 'es' },
	test: {
		projects: [
			{
				extends: true,
				test: {
					name: 'unit',
					environment: 'node',
					include: ['tests/**/*.test.ts'],
					exclude: ['tests/**/*.browser.test.ts', 'tests/cluster/**']
				}
			},
			{
				extends: true,
				test: {
					name: 'cluster',
					environment: 'node',
					include: ['tests/cluster/**/*.test.ts']
				}
			},
			{
				extends: true,
				plugins: [modelHost(), syncHost(), faultNotes()],
				test: {
					name: 'browser',
					include: ['tests/**/*.browser.test.ts'],
					globalSetup: './tests/support/end.ts',
					testTimeout: 60_000,
					// as for whole pages (playwright.config.ts): a second try, which the report names
					retry: process.env['CI'] ? 1 : 0,
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						provider: playwright({
							launchOptions: chromiumLaunch()
						}),
						instances: [{ browser: 'chromium' }]
					}
				}
			}
		]
	}
});
