/**
 * `npm run model:lock [-- <model>…] [--from static/models] [--config static/alcove.json]`: writes the SHA-256
 * of every file of the models in a folder into alcove.json, and of large ones that of each part, so that they are
 * verified as they come. The app then uses these very bytes and no others.
 */
import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { catalogue, type FileBuild, hasFiles, type Pin } from '../src/lib/models/catalogue.ts';
import { buildsOf, faultOf, filesOf, FolderError, pathOf, pinOf, sizeOf } from './lib/models/folder.ts';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		from: { type: 'string', default: 'static/models' },
		config: { type: 'string', default: 'static/alcove.json' }
	}
});

type Pins = Record<string, Pin>;

async function pinsOf(build: FileBuild): Promise<Pins> {
	const pins: Pins = {};
	for (const file of await filesOf(build, values.from)) {
		const path = pathOf(values.from, file.key);
		const fault = await faultOf(file, path);
		if (fault) throw new FolderError(`${path}: ${fault}. Fetch it: npm run model:fetch -- ${build.id}`);
		pins[file.key] = await pinOf(createReadStream(path), (await stat(path)).size);
	}
	return pins;
}

/** The builds whose first file is in the folder: those that somebody fetched. */
async function fetchedBuilds(): Promise<FileBuild[]> {
	const builds = catalogue('http://localhost/').flatMap((model) =>
		model.page ? model.builds.filter(hasFiles) : []
	);
	const here = await Promise.all(
		builds.map(async (build) => {
			const first = build.engine === 'webllm' ? `${build.url}mlc-chat-config.json` : build.url;
			return (await sizeOf(pathOf(values.from, first))) !== undefined;
		})
	);
	return builds.filter((_, index) => here[index]);
}

async function readConfig(): Promise<Record<string, unknown>> {
	const config: unknown = JSON.parse(await readFile(values.config, 'utf8'));
	if (typeof config === 'object' && config !== null && !Array.isArray(config)) return { ...config };
	throw new FolderError(`${values.config} holds no object`);
}

async function main(): Promise<void> {
	const builds = positionals.length > 0 ? positionals.flatMap(buildsOf) : await fetchedBuilds();
	if (builds.length === 0)
		throw new FolderError(
			`No model is in ${values.from}. Fetch one: npm run model:fetch -- qwen2-0.5b-instruct`
		);
	const config = await readConfig();
	const pins: Pins = {};
	for (const build of builds) Object.assign(pins, await pinsOf(build));
	const before = config['pins'];
	config['pins'] = { ...(typeof before === 'object' ? before : {}), ...pins };
	await writeFile(values.config, `${JSON.stringify(config, null, '\t')}\n`);
	console.log(
		`${Object.keys(pins).length} files of ${builds.map(({ id }) => id).join(', ')} are pinned in ${values.config}`
	);
}

main().catch((error: unknown) => {
	console.error(error instanceof FolderError ? error.message : error);
	process.exitCode = 1;
});
