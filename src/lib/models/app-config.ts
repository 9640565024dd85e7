/** `alcove.json`, a file beside the app in which whoever hosts it sets it up, without a build. */
import type { Licence, Model, PartSums, Pin } from './catalogue.ts';
import { countParts, isPartSize } from './pins.ts';

/** What the file says; a host without one says nothing. */
export interface AppConfig {
	/** Models beside the catalogue's. */
	models: Model[];
	/** Base URLs, absolute, that are asked for every model's files before the model hub, in order. */
	mirrors: string[];
	/** The id of the model to propose, instead of the one that the device's abilities suggest. */
	defaultModel?: string;
	/** What files must be, by their canonical URLs. */
	pins: Readonly<Record<string, Pin>>;
	/** Where the sync server of the rooms is, ending in "/". */
	sync?: string;
}

/** What a host without the file gives. */
export const NO_CONFIG: AppConfig = { models: [], mirrors: [], pins: {} };

/** What is wrong with the file; `where` is the path to the value, as in "models[0].url". */
export type AppConfigFailure =
	| { kind: 'unreachable'; detail: string }
	| { kind: 'http'; status: number }
	| { kind: 'not-json'; detail: string }
	| { kind: 'wrong-type'; where: string; expected: string }
	| { kind: 'unknown-field'; where: string }
	| { kind: 'duplicate-id'; where: string; id: string }
	| { kind: 'foreign-url'; where: string; url: string };

export class AppConfigError extends Error {
	override readonly name = 'AppConfigError';
	readonly failure: AppConfigFailure;

	constructor(failure: AppConfigFailure, options?: ErrorOptions) {
		super(JSON.stringify(failure), options);
		this.failure = failure;
	}
}

/** Where models' files may come from, and where the sync server may be. */
export interface Origins {
	/** The app's base URL, absolute, ending in "/"; relative URLs in the file are resolved against it. */
	base: string;
	/** Host sources as the CSP writes them: "https://huggingface.co", "https://*.hf.co". */
	allowed: readonly string[];
}

type Fields = Record<string, unknown>;

const FIELDS = ['models', 'mirrors', 'defaultModel', 'pins', 'sync'];
const MODEL_FIELDS = ['id', 'name', 'url', 'bytes', 'contextWindow', 'pace', 'licence', 'sha256'];
/** Tokens of a window, where nothing says otherwise. */
export const DEFAULT_CONTEXT = 4096;
const WORKING_MEMORY = 256 * 1024 ** 2;

/**
 * Reads the content of `alcove.json`; every field may be left out.
 * @param input the parsed JSON, from a file that nobody checked
 * @throws AppConfigError naming the first value that is wrong
 */
export function parseAppConfig(input: unknown, origins: Origins): AppConfig {
	const config = fields(input, 'the file', FIELDS);
	const models = items(config['models'], 'models', (entry, where) => parseModel(entry, where, origins));
	const mirrors = items(config['mirrors'], 'mirrors', (entry, where) => mirrorUrl(entry, where, origins));
	const defaultModel = optional(config['defaultModel'], 'defaultModel', text);
	const sync = optional(config['sync'], 'sync', (url, where) => reachableUrl(url, where, origins));
	const seen = new Set<string>();
	for (const [index, { id }] of models.entries()) {
		if (seen.has(id)) throw new AppConfigError({ kind: 'duplicate-id', where: `models[${index}].id`, id });
		seen.add(id);
	}
	return {
		models,
		mirrors,
		...(defaultModel === undefined ? {} : { defaultModel }),
		pins: optional(config['pins'], 'pins', parsePins) ?? {},
		...(sync === undefined ? {} : { sync: sync.replace(/\/*$/, '/') })
	};
}

/**
 * Reads `alcove.json` beside the app. None is no error: a host without one answers 404 or with its fallback page.
 * @throws AppConfigError
 */
export async function loadAppConfig(
	fetch: typeof globalThis.fetch,
	origins: Origins,
	signal?: AbortSignal
): Promise<AppConfig> {
	const response = await fetch(new URL('alcove.json', origins.base), { ...(signal ? { signal } : {}) }).catch(
		(error: unknown) => {
			if (signal?.aborted) throw error;
			throw new AppConfigError({ kind: 'unreachable', detail: String(error) }, { cause: error });
		}
	);
	if (response.status === 404) return NO_CONFIG;
	if (!response.ok) throw new AppConfigError({ kind: 'http', status: response.status });
	const text = await response.text();
	if (text.trimStart().startsWith('<')) return NO_CONFIG;
	return parseAppConfig(parseJson(text), origins);
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new AppConfigError({ kind: 'not-json', detail: String(error) }, { cause: error });
	}
}

function parseModel(input: unknown, where: string, origins: Origins): Model {
	const model = fields(input, where, MODEL_FIELDS);
	const id = text(model['id'], `${where}.id`);
	const bytes = count(model['bytes'], `${where}.bytes`);
	const pace = optional(model['pace'], `${where}.pace`, count);
	const licence = optional(model['licence'], `${where}.licence`, parseLicence);
	const sha256 = optional(model['sha256'], `${where}.sha256`, digest);
	return {
		id,
		name: text(model['name'], `${where}.name`),
		...(licence ? { licence } : {}),
		languages: [],
		contextWindow: optional(model['contextWindow'], `${where}.contextWindow`, count) ?? DEFAULT_CONTEXT,
		builds: [
			{
				id: `own:${id}`,
				engine: 'wllama',
				quantization: 'GGUF',
				needs: {},
				bytes,
				memory: bytes + WORKING_MEMORY,
				url: reachableUrl(model['url'], `${where}.url`, origins),
				...(pace === undefined ? {} : { pace }),
				...(sha256 ? { sha256 } : {})
			}
		]
	};
}

function parsePins(input: unknown, where: string): Record<string, Pin> {
	const entries = Object.entries(record(input, where)).map(([url, value]) => {
		const here = `${where}[${JSON.stringify(url)}]`;
		const pin = fields(value, here, ['bytes', 'sha256', 'parts']);
		if (!URL.canParse(url)) throw wrong(here, 'an absolute URL');
		const bytes = count(pin['bytes'], `${here}.bytes`);
		const sha256 = digest(pin['sha256'], `${here}.sha256`);
		const parts = optional(pin['parts'], `${here}.parts`, (input, at) => parseParts(input, at, bytes));
		return [url, { bytes, sha256, ...(parts ? { parts } : {}) }] as const;
	});
	return Object.fromEntries(entries);
}

function parseParts(input: unknown, where: string, bytes: number): PartSums {
	const parts = fields(input, where, ['size', 'sha256']);
	const size = count(parts['size'], `${where}.size`);
	if (!isPartSize(size)) throw wrong(`${where}.size`, '512 KiB to 64 MiB in bytes');
	const sums = items(parts['sha256'], `${where}.sha256`, digest);
	const expected = countParts(bytes, size);
	if (sums.length !== expected) throw wrong(`${where}.sha256`, `a list of ${expected} sums`);
	return { size, sha256: sums };
}

function parseLicence(input: unknown, where: string): Licence {
	const licence = fields(input, where, ['name', 'url']);
	return { name: text(licence['name'], `${where}.name`), url: webUrl(licence['url'], `${where}.url`) };
}

/** A folder below which the files lie as on the hub; with or without a slash at its end. */
function mirrorUrl(input: unknown, where: string, origins: Origins): string {
	const url = reachableUrl(input, where, origins);
	return url.endsWith('/') ? url : `${url}/`;
}

function reachableUrl(input: unknown, where: string, { base, allowed }: Origins): string {
	const raw = text(input, where);
	const url = URL.parse(raw, base);
	if (!url) throw wrong(where, 'a URL');
	if (!isReachable(url, { base, allowed }))
		throw new AppConfigError({ kind: 'foreign-url', where, url: url.href });
	return url.href;
}

/** Whether the page's policy lets it fetch from there. */
export function isReachable(url: URL, { base, allowed }: Origins): boolean {
	return url.origin === new URL(base).origin || allowed.some((source) => matches(url, source));
}

/** Whether a CSP host source, with or without a wildcard, covers the URL. */
function matches(url: URL, source: string): boolean {
	const [scheme, host] = source.split('://');
	if (!host || url.protocol !== `${scheme}:`) return false;
	return host.startsWith('*.') ? url.host.endsWith(host.slice(1)) : url.host === host;
}

function webUrl(input: unknown, where: string): string {
	const url = URL.parse(text(input, where));
	if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw wrong(where, 'a web address');
	return url.href;
}

function fields(input: unknown, where: string, known: string[]): Fields {
	const found = record(input, where);
	const stranger = Object.keys(found).find((name) => !known.includes(name));
	if (stranger) throw new AppConfigError({ kind: 'unknown-field', where: `${where}.${stranger}` });
	return found;
}

function record(input: unknown, where: string): Fields {
	if (typeof input !== 'object' || input === null || Array.isArray(input)) throw wrong(where, 'an object');
	return Object.fromEntries(Object.entries(input));
}

/** A list that may be left out. */
function items<T>(input: unknown, where: string, parse: (entry: unknown, where: string) => T): T[] {
	if (input === undefined) return [];
	if (!Array.isArray(input)) throw wrong(where, 'a list');
	return input.map((entry: unknown, index) => parse(entry, `${where}[${index}]`));
}

function text(input: unknown, where: string): string {
	if (typeof input !== 'string' || input.trim() === '') throw wrong(where, 'a text');
	return input;
}

function count(input: unknown, where: string): number {
	if (typeof input !== 'number' || !Number.isSafeInteger(input) || input < 1)
		throw wrong(where, 'a whole number above 0');
	return input;
}

function digest(input: unknown, where: string): string {
	if (typeof input !== 'string' || !/^[0-9a-f]{64}$/i.test(input))
		throw wrong(where, 'a SHA-256 in hexadecimal');
	return input.toLowerCase();
}

function optional<T>(
	input: unknown,
	where: string,
	parse: (value: unknown, where: string) => T
): T | undefined {
	return input === undefined ? undefined : parse(input, where);
}

function wrong(where: string, expected: string): AppConfigError {
	return new AppConfigError({ kind: 'wrong-type', where, expected });
}
