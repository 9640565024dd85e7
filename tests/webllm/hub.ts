import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { dirname, join } from 'node:path';
import sirv from 'sirv';
import { readLibraryMetadata, writeTalkingMlc } from '../../scripts/talking/mlc.ts';
import { DEFAULT_SYSTEM_PROMPT } from '../../src/lib/prompt/turns.ts';
import { catalogue, findBuild, type WebllmBuild } from '../../src/lib/models/catalogue.ts';

/** What the model says; one token a word, and no more of them than software WebGPU can bear. */
export const SENTENCE = 'Hello! Every word is a forward pass.';

/** What a person asks. */
export const QUESTION = 'Hello';

/** Whole turns as single tokens: in software WebGPU a prompt costs seconds a token. */
const PHRASES = [
	`<|im_start|>system\n${DEFAULT_SYSTEM_PROMPT}<|im_end|>\n`,
	`<|im_start|>user\n${QUESTION}<|im_end|>\n`,
	'<|im_start|>assistant'
];

/** The build that a GPU without 16-bit floats is given; the model takes its place. */
export const MODEL_NAME = 'Qwen2.5 0.5B Instruct';
const BUILD = 'Qwen2.5-0.5B-Instruct-q4f32_1';

function theBuild(): WebllmBuild {
	const build = findBuild(catalogue('http://127.0.0.1/'), BUILD)?.build;
	if (build?.engine !== 'webllm') throw new Error(`The catalogue has no build ${BUILD} for WebLLM`);
	return build;
}

/** Where a URL's file lies in the hub's folder: hosts are left out, as in ALCOVE_MODEL_HOST. */
function placeOf(folder: string, url: string): string {
	return join(folder, new URL(url).pathname);
}

async function isThere(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false
	);
}

/**
 * A folder with the files of the build, laid out as on the model hub: the talking weights and the
 * given library. What an earlier run made of the same library is used again.
 * @returns how many bytes of weights were written, 0 where all were there
 */
export async function fillHub(folder: string, libraryPath: string): Promise<number> {
	const build = theBuild();
	const library = await readFile(libraryPath);
	const recipe = createHash('sha256')
		.update(library)
		.update(SENTENCE)
		.update(PHRASES.join('\n'))
		.digest('hex');
	const mark = join(folder, `made-of-${recipe}`);
	if (await isThere(mark)) return 0;
	await rm(folder, { recursive: true, force: true });
	const place = placeOf(folder, build.library);
	await mkdir(dirname(place), { recursive: true });
	await copyFile(libraryPath, place);
	const bytes = await writeTalkingMlc(placeOf(folder, build.url), {
		words: SENTENCE.split(' '),
		phrases: PHRASES,
		library: readLibraryMetadata(library)
	});
	await writeFile(mark, '');
	return bytes;
}

/** Serves the folder to any origin, in ranges too, as the hub does. */
export function hub(folder: string): RequestListener {
	const files = sirv(folder, {
		dev: true,
		etag: true,
		extensions: [],
		setHeaders: (response) => {
			response.setHeader(
				'Access-Control-Expose-Headers',
				'Accept-Ranges, Content-Length, Content-Range, ETag'
			);
		}
	});
	return (request, response) => {
		response.setHeader('Access-Control-Allow-Origin', '*');
		response.setHeader('Access-Control-Allow-Headers', 'Range, If-Range');
		if (request.method === 'OPTIONS') {
			response.writeHead(204).end();
			return;
		}
		files(request, response, () => {
			response.writeHead(404).end();
		});
	};
}
