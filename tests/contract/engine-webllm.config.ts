import { existsSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { playwright } from '@vitest/browser-playwright';
import sirv from 'sirv';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { readLibraryMetadata, writeTalkingMlc } from '../../scripts/talking/mlc.ts';
import { chromiumLaunch } from '../support/chromium.ts';

/**
 * The contract on a real WebLLM: `WEBLLM_LIB=<path> npx vitest run --config tests/contract/engine-webllm.config.ts`.
 * The library is one for Qwen2-0.5B in q4f32_1, compiled for WebLLM 0.2.79 or older, which therefore
 * stands in for the newer one. It takes about half an hour where WebGPU runs in software, hence not
 * with the other tests; `-t <words>` picks some.
 */
const library = process.env['WEBLLM_LIB'] ?? '';
if (!existsSync(library)) throw new Error(`WEBLLM_LIB names no file: "${library}"`);

const FOLDER = 'node_modules/.cache/webllm-contract';
/** Few words, and prompts of few tokens: in software a token takes some ten seconds. */
const WORDS = ['Hello', 'there', 'friend.'];
const PHRASES = ['system', 'user', 'assistant', 'You are a helpful assistant.'];

/** Writes the model once and serves it, with the library, under /webllm-contract/. */
function talkingMlc(): Plugin {
	return {
		name: 'alcove:talking-mlc',
		async configureServer(server) {
			if (!existsSync(`${FOLDER}/tensor-cache.json`)) {
				const metadata = readLibraryMetadata(await readFile(library));
				await writeTalkingMlc(FOLDER, { words: WORDS, phrases: PHRASES, library: metadata });
			}
			await copyFile(library, `${FOLDER}/library.wasm`);
			server.middlewares.use('/webllm-contract', sirv(FOLDER, { dev: true }));
		}
	};
}

export default defineConfig({
	root: new URL('../..', import.meta.url).pathname,
	plugins: [talkingMlc()],
	resolve: { alias: { '@mlc-ai/web-llm': 'web-llm-0.2.79' } },
	worker: { format: 'es' },
	test: {
		include: ['tests/contract/webllm.browser.test.ts'],
		env: { WEBLLM_SAYS: WORDS.join(' ') },
		testTimeout: 20 * 60_000,
		hookTimeout: 10 * 60_000,
		browser: {
			enabled: true,
			headless: true,
			screenshotFailures: false,
			provider: playwright({ launchOptions: chromiumLaunch() }),
			instances: [{ browser: 'chromium' }]
		}
	}
});
