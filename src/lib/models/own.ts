/** Models that are described outside the catalogue: in the person's settings, or in a file from another device. */
import type { Build, Cost, Licence, Model, Needs, PartSums, Pin } from './catalogue.ts';
import { countParts, isPartSize } from './pins.ts';

type Fields = Record<string, unknown>;

/**
 * Reads a model's description, from a place that nobody checked; what is not known is passed over.
 * @param base what relative URLs are relative to
 * @returns undefined for what is no model with a build
 */
export function parseModel(input: unknown, base: string): Model | undefined {
	if (!isFields(input)) return undefined;
	const { id, name, contextWindow } = input;
	const builds = list(input['builds'], (build) => parseBuild(build, base));
	if (!isText(id) || !isText(name) || !isCount(contextWindow) || builds.length === 0) return undefined;
	const licence = parseLicence(input['licence']);
	const page = webUrl(input['page']);
	return {
		id,
		name,
		contextWindow,
		languages: list(input['languages'], (tag) => (isTag(tag) ? tag : undefined)),
		...(licence ? { licence } : {}),
		...(page ? { page } : {}),
		...(isText(input['family']) ? { family: input['family'] } : {}),
		...(isCount(input['parameters']) ? { parameters: input['parameters'] } : {}),
		...(input['thinks'] === true ? { thinks: true } : {}),
		...(input['own'] === true ? { own: true } : {}),
		builds
	};
}

/** The person's own models, out of their settings. */
export function parseOwnModels(input: unknown, base: string): Model[] {
	return list(input, (entry) => parseModel(entry, base));
}

function parseBuild(input: unknown, base: string): Build | undefined {
	if (!isFields(input)) return undefined;
	const { id, engine, quantization, bytes, memory, sha256, pace } = input;
	const url = urlOf(input['url'], base);
	if (!isText(id) || !isText(quantization) || !isCount(bytes) || !isCount(memory) || !url) return undefined;
	const cost = parseCost(input['cost']);
	const common = {
		id,
		quantization,
		bytes,
		memory,
		url,
		needs: parseNeeds(input['needs']),
		...(input['approximate'] === true ? { approximate: true as const } : {}),
		...(cost ? { cost } : {}),
		...(isCount(pace) ? { pace } : {})
	};
	if (engine === 'wllama')
		return { ...common, engine, ...(isSum(sha256) ? { sha256, ...parseParts(input['parts'], bytes) } : {}) };
	const library = urlOf(input['library'], base);
	if (engine !== 'webllm' || !library || !url.endsWith('/')) return undefined;
	return { ...common, engine, library, pins: parsePins(input['pins']) };
}

function parseNeeds(input: unknown): Needs {
	if (!isFields(input)) return {};
	const { f16, maxBufferSize } = input;
	return { ...(f16 === true ? { f16 } : {}), ...(isCount(maxBufferSize) ? { maxBufferSize } : {}) };
}

function parseCost(input: unknown): Cost | undefined {
	if (!isFields(input)) return undefined;
	const { weights, context, dispatches } = input;
	if (!isCount(weights) || !isCount(context)) return undefined;
	return { weights, context, ...(isCount(dispatches) ? { dispatches } : {}) };
}

function parsePins(input: unknown): Record<string, Pin> {
	const entries = Object.entries(isFields(input) ? input : {}).flatMap(([url, pin]) => {
		const { bytes, sha256, parts } = isFields(pin) ? pin : {};
		if (!isCount(bytes) || !isSum(sha256)) return [];
		return [[url, { bytes, sha256, ...parseParts(parts, bytes) }] as const];
	});
	return Object.fromEntries(entries);
}

/** Sums that do not fit the file are left out: that of the whole stays. */
function parseParts(input: unknown, bytes: number): { parts?: PartSums } {
	const { size, sha256 } = isFields(input) ? input : {};
	if (!isCount(size) || !isPartSize(size)) return {};
	if (!Array.isArray(sha256) || sha256.length !== countParts(bytes, size)) return {};
	const sums: readonly unknown[] = sha256;
	return sums.every(isSum) ? { parts: { size, sha256: sums } } : {};
}

function parseLicence(input: unknown): Licence | undefined {
	if (!isFields(input)) return undefined;
	const url = webUrl(input['url']);
	return isText(input['name']) && url ? { name: input['name'], url } : undefined;
}

/**
 * A value whose URLs below the app's base are written without it, so that another host of the app can
 * read them.
 */
export function portable<T>(value: T, base: string): T {
	if (typeof value === 'string')
		return (value.startsWith(base) ? `./${value.slice(base.length)}` : value) as T;
	if (Array.isArray(value)) return value.map((entry: unknown) => portable(entry, base)) as T;
	if (!isFields(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, portable(entry, base)])) as T;
}

function urlOf(input: unknown, base: string): string | undefined {
	return isText(input) ? httpUrl(URL.parse(input, base)) : undefined;
}

function webUrl(input: unknown): string | undefined {
	return isText(input) ? httpUrl(URL.parse(input)) : undefined;
}

function httpUrl(url: URL | null): string | undefined {
	return url && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

function list<T>(input: unknown, parse: (entry: unknown) => T | undefined): T[] {
	return (Array.isArray(input) ? input : []).flatMap((entry: unknown) => parse(entry) ?? []);
}

function isFields(input: unknown): input is Fields {
	return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function isText(input: unknown): input is string {
	return typeof input === 'string' && input !== '';
}

/** A language tag that the browser can name. */
function isTag(input: unknown): input is string {
	return typeof input === 'string' && /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(input);
}

function isCount(input: unknown): input is number {
	return typeof input === 'number' && Number.isSafeInteger(input) && input > 0;
}

function isSum(input: unknown): input is string {
	return typeof input === 'string' && /^[0-9a-f]{64}$/.test(input);
}
