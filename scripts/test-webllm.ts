/**
 * `WEBLLM_LIB=<path> npm run test:webllm`: the app's own pages with WebLLM on a real, if software-made,
 * WebGPU: download, load, stream, stop, and all of it again with every server dead; and the GPU device destroyed while
 * the model loads, reads and writes. See tests/webllm.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { chromium } from 'playwright';
import { serveStatic } from '../src/server/static.ts';
import { chromiumLaunch } from '../tests/support/chromium.ts';
import {
	downloadModel,
	hearTheEnd,
	hearWords,
	loseDevice,
	reloadAndContinue,
	send,
	stop,
	waitUntilOffline,
	waitUntilReading
} from '../tests/webllm/drive.ts';
import { fillHub, hub } from '../tests/webllm/hub.ts';
import { listen } from '../tests/webllm/listen.ts';

const HELP = `WEBLLM_LIB must name a model library compiled for WebLLM 0.2.79 or older, for Qwen2-0.5B in q4f32_1:
  Qwen2-0.5B-Instruct-q4f32_1-ctx4k_cs1k-webgpu.wasm, in the folder web-llm-models/v0_2_48
  of https://github.com/mlc-ai/binary-mlc-llm-libs (3.7 MB).
  WEBLLM_LIB=path/to/it npm run test:webllm
The weights are made here. It takes about a quarter of an hour, since WebGPU runs in software.`;

const FOLDER = '.webllm';
const HUB = `${FOLDER}/hub`;
const APP = `${FOLDER}/app`;
const PROFILE = `${FOLDER}/profile`;
/** What an answer says that goes on with the same model in the same way. */
const AS_BEFORE = 'the answer was continued where it stopped';
/** Before whatever the GPU is asked to compute next: a question's first token, or an answer's next. */
const NEXT_COMMAND = { at: 'createCommandEncoder', call: 1 } as const;
/** The newest WebLLM that runs a library which can be had without the model hub. */
const OLDER_WEBLLM = 'web-llm-0.2.79';

const started = Date.now();
function say(line: string): void {
	console.log(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}`);
}

/** Builds the app for a model host, with the older WebLLM. */
function build(modelHost: string): void {
	const { status } = spawnSync(process.execPath, ['scripts/build.ts'], {
		stdio: ['ignore', 'ignore', 'inherit'],
		env: {
			...process.env,
			BUILD_DIR: APP,
			BASE_PATH: '',
			ALCOVE_MODEL_HOST: modelHost,
			ALCOVE_WEBLLM: OLDER_WEBLLM
		}
	});
	if (status !== 0) throw new Error('The build failed');
}

/** Everything a person would do, in a browser whose profile is fresh. */
async function use(origin: string, killServers: () => Promise<void>): Promise<void> {
	await rm(PROFILE, { recursive: true, force: true });
	const browser = await chromium.launchPersistentContext(PROFILE, {
		...chromiumLaunch(),
		headless: true,
		locale: 'en-US'
	});
	try {
		const page = browser.pages()[0] ?? (await browser.newPage());
		page.on('pageerror', (error) => say(`! ${error.message}`));
		page.on('console', (message) => {
			if (message.type() === 'error') say(`! ${message.text()}`);
		});
		await page.goto(origin);
		await downloadModel(page, say);
		await page.getByRole('button', { name: 'New chat' }).first().click();
		await send(page, say);
		await loseDevice(page, { at: 'createBuffer', call: 100 }, AS_BEFORE, say);
		await waitUntilReading(page, say);
		await loseDevice(page, NEXT_COMMAND, 'the answer was continued with less room', say);
		await hearWords(page, 0, 2, say);
		await stop(page, 2, say);
		await waitUntilOffline(page, say);
		await killServers();
		say('both servers are dead');
		await reloadAndContinue(page, 2, say);
		await hearWords(page, 2, 3, say);
		await loseDevice(page, NEXT_COMMAND, AS_BEFORE, say);
		await hearTheEnd(page, 3, say);
	} finally {
		await browser.close();
		await rm(PROFILE, { recursive: true, force: true });
	}
}

async function main(library: string): Promise<void> {
	await mkdir(FOLDER, { recursive: true });
	const written = await fillHub(HUB, library);
	say(written > 0 ? `the model is made: ${Math.round(written / 1e6)} MB` : 'the model is there');
	const models = await listen(hub(HUB));
	let app: Awaited<ReturnType<typeof listen>> | undefined;
	try {
		build(models.origin);
		const served = (app = await listen(serveStatic(APP)));
		say(`the app is at ${served.origin}, its models at ${models.origin}`);
		await use(served.origin, async () => {
			await Promise.all([served.kill(), models.kill()]);
		});
	} finally {
		await app?.kill();
		await models.kill();
	}
	say('all is well');
}

const library = process.env['WEBLLM_LIB'];
if (!library || !existsSync(library)) {
	if (library) console.error(`There is no file ${library}.`);
	console.error(HELP);
	process.exit(2);
}
try {
	await main(library);
} catch (error) {
	say(`failed: ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = 1;
}
