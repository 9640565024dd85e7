/** A GGUF from the person's disk, as something that can be taken in. */
import type { Model, WllamaBuild } from '../catalogue.ts';
import { digest } from '../digest.ts';
import { DeliveryError } from '../errors.ts';
import { readGguf } from '../gguf.ts';
import type { Carried } from './format.ts';

/** What llama.cpp takes beside the weights, roughly: the context and working memory. */
const WORKING_MEMORY = 512 * 1024 ** 2;
const CONTEXT = 4096;

/**
 * Reads and hashes the file. Its model is named by its SHA-256, so that the same file is the same model.
 * @param name the file's name
 * @param base the app's base URL, below which the file gets its key
 * @throws GgufError
 * @throws DeliveryError aborted
 */
export async function readGgufFile(
	file: Blob,
	name: string,
	base: string,
	signal: AbortSignal
): Promise<Carried> {
	const head = await readGguf(file);
	const sha256 = await digest(file.stream(), 'sha256', signal).catch((error: unknown) => {
		throw signal.aborted ? new DeliveryError({ kind: 'aborted' }, { cause: error }) : error;
	});
	const id = `own-${sha256.slice(0, 16)}`;
	const plain = name.replace(/\.gguf$/i, '');
	const build: WllamaBuild = {
		id,
		engine: 'wllama',
		quantization: /(?:^|[-._])(i?q\d\w*|bf16|f16|f32)$/i.exec(plain)?.[1] ?? 'GGUF',
		needs: {},
		bytes: file.size,
		sha256,
		memory: file.size + WORKING_MEMORY,
		url: new URL(`own/${id}.gguf`, base).href
	};
	const model: Model = {
		id,
		name: head.name ?? plain,
		languages: [],
		contextWindow: Math.min(CONTEXT, head.contextLength ?? CONTEXT),
		own: true,
		builds: [build]
	};
	return {
		file,
		model,
		build,
		files: [{ key: build.url, bytes: file.size, sha256 }],
		start: 0,
		total: file.size
	};
}
