/** Models of the person's own by their addresses: looked at before they are listed, fetched like any other. */
import { isReachable, type Origins } from './app-config.ts';
import type { Model, WebllmBuild } from './catalogue.ts';
import { sha256 } from './digest.ts';
import { AddressError, DeliveryError, type AddressFailure } from './errors.ts';
import { followingFiles, manifestFile } from './files.ts';

/** What the person gave. A library makes it an MLC model, whose address is a folder. */
export interface Address {
	url: string;
	library: string;
}

interface Environment {
	fetch: typeof globalThis.fetch;
	origins: Origins;
	signal: AbortSignal;
}

const CONTEXT = 4096;
/** What an engine takes beside the weights, roughly. */
const WORKING_MEMORY = 512 * 1024 ** 2;

/**
 * Asks the address what lies there.
 * @returns the model, ready to be listed
 * @throws AddressError
 * @throws DeliveryError http, unreachable, not-what-was-asked, aborted
 */
export async function findModel({ url, library }: Address, environment: Environment): Promise<Model> {
	const address = parse(url, 'url', environment.origins);
	if (library.trim() !== '')
		return findMlc(folderOf(address), parse(library, 'library', environment.origins), environment);
	if (!/\.gguf$/i.test(address.pathname)) throw new AddressError({ kind: 'no-library' });
	return findGguf(address, environment);
}

function parse(text: string, field: 'url' | 'library', origins: Origins): URL {
	const url = URL.parse(text.trim(), origins.base);
	if (text.trim() === '' || !url || !/^https?:$/.test(url.protocol))
		throw failed({ kind: 'no-address', field });
	// a page of the hub about a file is meant as the file
	if (url.host === 'huggingface.co') url.pathname = url.pathname.replace('/blob/', '/resolve/');
	if (isReachable(url, origins)) return url;
	const allowed = [
		new URL(origins.base).host,
		...origins.allowed.map((source) => source.replace(/^\w+:\/\//, ''))
	];
	throw failed({ kind: 'foreign-host', host: url.host, allowed });
}

/** The folder of an MLC model; of a hub's repository, the files of its main branch. */
function folderOf(url: URL): string {
	const folder = url.href.endsWith('/') ? url.href : `${url.href}/`;
	const isRepository = url.host === 'huggingface.co' && /^\/[^/]+\/[^/]+\/?$/.test(url.pathname);
	return isRepository ? `${folder}resolve/main/` : folder;
}

async function findGguf(url: URL, environment: Environment): Promise<Model> {
	const response = await ask(url.href, environment, { range: 'bytes=0-7' });
	const bytes = sizeOf(response);
	const start = String.fromCharCode(...(await firstBytes(response)).subarray(0, 4));
	if (start !== 'GGUF') throw unfit(url.href, 'a GGUF model');
	if (bytes === undefined) throw failed({ kind: 'no-size', url: url.href });
	const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '').replace(/\.gguf$/i, '');
	const id = await idOf(url.href);
	const build = { id, engine: 'wllama', quantization: 'GGUF', needs: {}, bytes, url: url.href } as const;
	return modelOf(id, name, url, CONTEXT, { ...build, memory: bytes + WORKING_MEMORY });
}

async function findMlc(folder: string, library: URL, environment: Environment): Promise<Model> {
	const id = await idOf(folder + library.href);
	const draft: WebllmBuild = {
		id,
		engine: 'webllm',
		quantization: 'MLC',
		needs: {},
		bytes: 1,
		memory: 1,
		url: folder,
		library: library.href
	};
	const config = await json(`${folder}mlc-chat-config.json`, environment);
	const { key, alias = key } = manifestFile(draft);
	const manifest = await json(key, environment).catch((error: unknown) => {
		if (error instanceof DeliveryError && error.failure.kind === 'http') return json(alias, environment);
		throw error;
	});
	const files = followingFiles(draft, config, manifest);
	const bytes = files.reduce((sum, { estimate }) => sum + estimate, 0);
	const quantization = text(config, 'quantization') ?? 'MLC';
	const window = number(config, 'context_window_size') ?? CONTEXT;
	const name =
		folder
			.replace(/resolve\/[^/]+\/$/, '')
			.split('/')
			.filter(Boolean)
			.at(-1) ?? 'MLC';
	return modelOf(id, name, new URL(folder), Math.min(CONTEXT, window > 0 ? window : CONTEXT), {
		...draft,
		quantization,
		needs: quantization.includes('f16') ? { f16: true } : {},
		bytes,
		approximate: true,
		memory: bytes + WORKING_MEMORY
	});
}

function modelOf(
	id: string,
	name: string,
	page: URL,
	contextWindow: number,
	build: Model['builds'][0]
): Model {
	return { id, name, page: page.href, languages: [], contextWindow, own: true, builds: [build] };
}

async function ask(url: string, { fetch, signal }: Environment, headers = {}): Promise<Response> {
	const response = await fetch(url, {
		headers,
		signal,
		credentials: 'omit',
		referrerPolicy: 'no-referrer'
	}).catch((cause: unknown) => {
		if (signal.aborted) throw new DeliveryError({ kind: 'aborted' }, { cause });
		if (cause instanceof Error && cause.name === 'NoNetworkError')
			throw new DeliveryError({ kind: 'no-network' }, { cause });
		throw new DeliveryError({ kind: 'unreachable', url, detail: String(cause) }, { cause });
	});
	if (!response.ok) throw new DeliveryError({ kind: 'http', url, status: response.status });
	return response;
}

async function json(url: string, environment: Environment): Promise<unknown> {
	const response = await ask(url, environment);
	try {
		return await response.json();
	} catch (cause) {
		throw unfit(url, 'JSON', cause);
	}
}

/** The first piece of a body; the rest is not waited for. */
async function firstBytes({ body }: Response): Promise<Uint8Array> {
	const reader = body?.getReader();
	const first = await reader?.read();
	await reader?.cancel();
	return first?.value ?? new Uint8Array();
}

function sizeOf(response: Response): number | undefined {
	const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
	const length = response.status === 200 ? response.headers.get('content-length') : null;
	const size = Number(range ?? length ?? 0);
	return Number.isSafeInteger(size) && size > 0 ? size : undefined;
}

/** The same address is the same model. */
async function idOf(address: string): Promise<string> {
	return `own-${(await sha256(new TextEncoder().encode(address))).slice(0, 16)}`;
}

function field(value: unknown, name: string): unknown {
	return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown, name: string): string | undefined {
	const found = field(value, name);
	return typeof found === 'string' && found !== '' ? found : undefined;
}

function number(value: unknown, name: string): number | undefined {
	const found = field(value, name);
	return typeof found === 'number' && Number.isSafeInteger(found) ? found : undefined;
}

function failed(failure: AddressFailure): AddressError {
	return new AddressError(failure);
}

function unfit(url: string, expected: string, cause?: unknown): DeliveryError {
	return new DeliveryError({ kind: 'not-what-was-asked', url, expected, got: 'something else' }, { cause });
}
