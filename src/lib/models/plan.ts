/** Which files make a build, read from those that lie on the device already. */
import type { Build } from './catalogue.ts';
import { DeliveryError } from './errors.ts';
import { configFile, followingFiles, ggufFile, leadingFiles, manifestFile, type ModelFile } from './files.ts';
import type { ModelStore } from './store.ts';

/** Every file of the build, or undefined while the files that name the others are missing or unfit. */
export async function plan(store: ModelStore, build: Build): Promise<ModelFile[] | undefined> {
	try {
		return await everyFile(store, build);
	} catch (error) {
		if (error instanceof DeliveryError && error.kind === 'not-what-was-asked') return undefined;
		throw error;
	}
}

/** Every file of the build. @throws DeliveryError not-what-was-asked */
export async function everyFile(store: ModelStore, build: Build): Promise<ModelFile[]> {
	if (build.engine === 'builtin') return [];
	if (build.engine === 'wllama') return [ggufFile(build)];
	const [config, manifest] = [await json(store, configFile(build)), await json(store, manifestFile(build))];
	return [...leadingFiles(build), ...followingFiles(build, config, manifest)];
}

async function json(store: ModelStore, file: ModelFile): Promise<unknown> {
	const text = await (await store.open(file))?.text();
	if (text === undefined) return undefined;
	try {
		return JSON.parse(text);
	} catch (cause) {
		const got = String(cause);
		const failure = { kind: 'not-what-was-asked', url: file.key, expected: 'JSON', got } as const;
		throw new DeliveryError(failure, { cause });
	}
}
