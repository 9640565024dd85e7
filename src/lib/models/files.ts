/** Which files a build consists of, and under which names its engine looks for them. */
import type { Build, PartSums, Pin, WebllmBuild, WllamaBuild } from './catalogue.ts';
import { DeliveryError } from './errors.ts';
import { singlePart } from './pins.ts';

/** WebLLM's three caches, by its own names, and ours. */
export const CONFIG_CACHE = 'webllm/config';
export const LIBRARY_CACHE = 'webllm/wasm';
export const MODEL_CACHE = 'webllm/model';
export const OWN_CACHE = 'alcove/models';

export interface Hash {
	algorithm: 'sha256' | 'md5';
	/** Hexadecimal, lower case. */
	value: string;
}

interface FileBase {
	/** Its canonical URL, which is its key in the cache too. */
	key: string;
	content: 'json' | 'wasm' | 'gguf' | 'weights';
	/** Exact size in bytes, where it is known before the download. */
	bytes?: number;
	/** A fair guess at the size where it is not. */
	estimate: number;
	hash?: Hash;
	/** Where they are known, each part is verified as it comes; they stand for `hash`, which is that of all. */
	parts?: PartSums;
	/** Another name under which hosts may have it. */
	alias?: string;
}

/** A file that WebLLM reads from the cache by its key. */
export interface WebllmFile extends FileBase {
	keep: typeof CONFIG_CACHE | typeof LIBRARY_CACHE | typeof MODEL_CACHE;
}

/** A file that stays in parts in our own cache, so that it never takes its room twice. */
export interface PartsFile extends FileBase {
	keep: 'parts';
}

export type ModelFile = WebllmFile | PartsFile;

const TOKENIZER_ESTIMATE = 7_100_000;
const LIBRARY_ESTIMATE = 5_000_000;

/** The files that say which others there are; empty for builds of one file. */
export function leadingFiles(build: Build): WebllmFile[] {
	return build.engine === 'webllm' ? [configFile(build), manifestFile(build)] : [];
}

export function configFile(build: WebllmBuild): WebllmFile {
	const key = new URL('mlc-chat-config.json', build.url).href;
	return pinned({ key, keep: CONFIG_CACHE, content: 'json', estimate: 2_000 }, build);
}

export function manifestFile(build: WebllmBuild): WebllmFile {
	const key = new URL('tensor-cache.json', build.url).href;
	const alias = new URL('ndarray-cache.json', build.url).href;
	return pinned({ key, alias, keep: MODEL_CACHE, content: 'json', estimate: 100_000 }, build);
}

/** The file with what is pinned of it, which counts for more than what a manifest says. */
function pinned(file: WebllmFile, { pins }: WebllmBuild): WebllmFile {
	const pin = pins?.[file.key];
	if (!pin) return file;
	return { ...file, estimate: pin.bytes, ...known(pin) };
}

/** What a pin says of a file. One that fits into memory is a single part. */
function known({
	bytes,
	sha256,
	parts
}: Pin): Required<Pick<ModelFile, 'bytes' | 'hash'>> & Pick<ModelFile, 'parts'> {
	const sums = parts ?? singlePart(bytes, sha256);
	return { bytes, hash: { algorithm: 'sha256', value: sha256 }, ...(sums ? { parts: sums } : {}) };
}

/**
 * The file of a build that has this key, before the manifest that names it is here.
 * @returns undefined for a key that is no file of the build
 */
export function fileAt(build: Build, key: string): ModelFile | undefined {
	if (build.engine === 'builtin') return undefined;
	if (build.engine === 'wllama') return key === build.url ? ggufFile(build) : undefined;
	const leading = leadingFiles(build).find((file) => file.key === key);
	if (leading) return leading;
	if (key === build.library) return { key, keep: LIBRARY_CACHE, content: 'wasm', estimate: LIBRARY_ESTIMATE };
	if (!key.startsWith(build.url)) return undefined;
	const content = key.endsWith('.json') ? 'json' : 'weights';
	return { key, keep: MODEL_CACHE, content, estimate: TOKENIZER_ESTIMATE };
}

/** The one file of a build for llama.cpp. */
export function ggufFile(build: WllamaBuild): PartsFile {
	const { url: key, bytes, sha256, parts, approximate } = build;
	const file = { key, keep: 'parts', content: 'gguf', estimate: bytes } as const;
	if (sha256 && !approximate) return { ...file, ...known({ bytes, sha256, ...(parts ? { parts } : {}) }) };
	return {
		...file,
		...(approximate ? {} : { bytes }),
		...(sha256 ? { hash: { algorithm: 'sha256', value: sha256 } } : {})
	};
}

/**
 * Everything that WebLLM reads after config and manifest: library, tokenizer and weights.
 * @param config parsed JSON of mlc-chat-config.json, unchecked
 * @param manifest parsed JSON of tensor-cache.json, unchecked
 * @throws DeliveryError not-what-was-asked
 */
export function followingFiles(build: WebllmBuild, config: unknown, manifest: unknown): WebllmFile[] {
	const library: WebllmFile = {
		key: build.library,
		keep: LIBRARY_CACHE,
		content: 'wasm',
		estimate: LIBRARY_ESTIMATE
	};
	const files = [library, tokenizerFile(build, config), ...weightFiles(build, manifest)];
	return files.map((file) => pinned(file, build));
}

function tokenizerFile(build: WebllmBuild, config: unknown): WebllmFile {
	const names: unknown = isRecord(config) ? config['tokenizer_files'] : undefined;
	if (!Array.isArray(names)) throw unfit(configFile(build).key, 'a chat config with tokenizer_files');
	const file = { keep: MODEL_CACHE, estimate: TOKENIZER_ESTIMATE } as const;
	if (names.includes('tokenizer.json'))
		return { ...file, key: new URL('tokenizer.json', build.url).href, content: 'json' };
	if (names.includes('tokenizer.model'))
		return { ...file, key: new URL('tokenizer.model', build.url).href, content: 'weights' };
	throw unfit(configFile(build).key, 'a chat config with a tokenizer WebLLM can read');
}

function weightFiles(build: WebllmBuild, manifest: unknown): WebllmFile[] {
	const { key: url } = manifestFile(build);
	const records: unknown = isRecord(manifest) ? manifest['records'] : undefined;
	if (!Array.isArray(records) || records.length === 0) throw unfit(url, 'a manifest with records');
	return records.map((record: unknown) => weightFile(build, url, record));
}

function weightFile(build: WebllmBuild, manifestUrl: string, record: unknown): WebllmFile {
	const { dataPath, nbytes, md5sum } = isRecord(record) ? record : {};
	if (
		typeof dataPath !== 'string' ||
		typeof nbytes !== 'number' ||
		!Number.isSafeInteger(nbytes) ||
		nbytes < 1
	)
		throw unfit(manifestUrl, 'records with dataPath and nbytes');
	const key = URL.parse(dataPath, build.url)?.href;
	if (!key?.startsWith(build.url)) throw unfit(manifestUrl, 'files inside the model folder');
	const hash: Hash | undefined =
		typeof md5sum === 'string' ? { algorithm: 'md5', value: md5sum.toLowerCase() } : undefined;
	return {
		key,
		keep: MODEL_CACHE,
		content: 'weights',
		bytes: nbytes,
		estimate: nbytes,
		...(hash ? { hash } : {})
	};
}

function unfit(url: string, expected: string): DeliveryError {
	return new DeliveryError({ kind: 'not-what-was-asked', url, expected, got: 'other JSON' });
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
