/** A folder laid out as the model hub is: `<folder>/<path of the canonical URL>`. What the app takes for a mirror. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
	catalogue,
	hasFiles,
	type FileBuild,
	type Model,
	type Pin
} from '../../../src/lib/models/catalogue.ts';
import {
	configFile,
	followingFiles,
	ggufFile,
	leadingFiles,
	manifestFile,
	type ModelFile
} from '../../../src/lib/models/files.ts';
import { pinnedPart } from '../../../src/lib/models/pins.ts';

/** The app's own models need no mirror, so where it lies does not matter here. */
const BASE = 'http://localhost/';

/** What was asked for cannot be had; the message is for people. */
export class FolderError extends Error {
	override readonly name = 'FolderError';
}

/**
 * The builds that a name means: a model's id means all of its builds, a build's id that one.
 * @throws FolderError for a name that is neither, with the names there are
 */
export function buildsOf(name: string): FileBuild[] {
	const models = catalogue(BASE).filter(({ page }) => page !== undefined);
	const builds = models.flatMap((model: Model) =>
		(model.id === name ? model.builds : model.builds.filter(({ id }) => id === name)).filter(hasFiles)
	);
	if (builds.length > 0) return builds;
	const names = models.map(({ id, builds: all }) => [`  ${id}`, ...all.map((build) => `    ${build.id}`)]);
	throw new FolderError(`There is no model "${name}". There are:\n${names.flat().join('\n')}`);
}

/** Where a file lies in the folder. */
export function pathOf(folder: string, key: string): string {
	return join(folder, ...decodeURIComponent(new URL(key).pathname).split('/'));
}

/** Every file of a build, once those that name the others are in the folder. @throws FolderError */
export async function filesOf(build: FileBuild, folder: string): Promise<ModelFile[]> {
	if (build.engine === 'wllama') return [ggufFile(build)];
	const json = async ({ key }: ModelFile): Promise<unknown> => {
		try {
			return JSON.parse(await readFile(pathOf(folder, key), 'utf8'));
		} catch (cause) {
			throw new FolderError(`${build.id} is not in ${folder}: ${String(cause)}`, { cause });
		}
	};
	const [config, manifest] = [await json(configFile(build)), await json(manifestFile(build))];
	return [...leadingFiles(build), ...followingFiles(build, config, manifest)];
}

/** The size of a file in bytes, or undefined where there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
	return (await stat(path).catch(() => undefined))?.size;
}

/** A file's hash, in hexadecimal. */
export async function hashOf(path: string, algorithm: 'sha256' | 'md5'): Promise<string> {
	const hash = createHash(algorithm);
	for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
	return hash.digest('hex');
}

/**
 * What a lock file says of a file: its size, its SHA-256, and where it is large those of its parts.
 * @param chunks all its bytes
 * @param size how many they are
 */
export async function pinOf(
	chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
	size: number
): Promise<Pin> {
	const partSize = pinnedPart(size);
	const whole = createHash('sha256');
	const sums: string[] = [];
	let part = createHash('sha256');
	let bytes = 0;
	for await (const chunk of chunks) {
		whole.update(chunk);
		for (let rest = chunk; rest.length > 0;) {
			const piece = rest.subarray(0, partSize - (bytes % partSize));
			part.update(piece);
			bytes += piece.length;
			rest = rest.subarray(piece.length);
			if (bytes % partSize > 0) continue;
			sums.push(part.digest('hex'));
			part = createHash('sha256');
		}
	}
	if (bytes % partSize > 0) sums.push(part.digest('hex'));
	const sha256 = whole.digest('hex');
	return sums.length > 1 ? { bytes, sha256, parts: { size: partSize, sha256: sums } } : { bytes, sha256 };
}

/** What is wrong with a file in the folder, in words; undefined where it is whole and right. */
export async function faultOf(file: ModelFile, path: string): Promise<string | undefined> {
	const size = await sizeOf(path);
	if (size === undefined) return 'it is missing';
	if (file.bytes !== undefined && size !== file.bytes) return `it has ${size} bytes instead of ${file.bytes}`;
	if (!file.hash) return undefined;
	const { algorithm, value } = file.hash;
	const got = await hashOf(path, algorithm);
	return got === value ? undefined : `its ${algorithm} is ${got} instead of ${value}`;
}

export interface FetchOptions {
	folder: string;
	/** A base URL that is asked instead of the hub, for the same paths. */
	from?: string | undefined;
	/** Told of each piece that came. */
	onBytes?: (bytes: number) => void;
}

/**
 * Brings one file into the folder, from where an earlier try left off, and holds it against what is known.
 * @throws FolderError
 */
export async function fetchFile(file: ModelFile, { folder, from, onBytes }: FetchOptions): Promise<void> {
	const path = pathOf(folder, file.key);
	if (!(await faultOf(file, path))) return;
	await mkdir(dirname(path), { recursive: true });
	const part = `${path}.part`;
	for (const key of file.alias ? [file.key, file.alias] : [file.key]) {
		const { pathname } = new URL(key);
		const url = from ? new URL(`.${pathname}`, from.endsWith('/') ? from : `${from}/`).href : key;
		if (await receive(url, part, key === (file.alias ?? file.key), onBytes)) break;
	}
	const fault = await faultOf(file, part);
	if (fault) {
		await rm(part, { force: true });
		throw new FolderError(`${file.key}: ${fault}`);
	}
	await rename(part, path);
}

/** @returns false for a file that the host does not have, where another name may be tried */
async function receive(
	url: string,
	path: string,
	last: boolean,
	onBytes: FetchOptions['onBytes']
): Promise<boolean> {
	const have = (await sizeOf(path)) ?? 0;
	const response = await fetch(url, have > 0 ? { headers: { range: `bytes=${have}-` } } : {});
	if (response.status === 416) return true;
	if (!response.ok && !last) return false;
	if (!response.ok || !response.body) throw new FolderError(`${url} answered ${response.status}`);
	if (response.headers.get('content-type')?.startsWith('text/html'))
		throw new FolderError(`${url} answered with a web page`);
	const target = await open(path, response.status === 206 ? 'a' : 'w');
	try {
		for await (const chunk of response.body) {
			await target.write(chunk);
			onBytes?.(chunk.length);
		}
	} finally {
		await target.close();
	}
	return true;
}
