/**
 * `npm run model:fetch -- <model> [--to static/models] [--from <base URL>]`: puts a model beside the app, for
 * people who cannot reach the hub. What came is verified; a second run goes on where the first broke off.
 */
import { parseArgs } from 'node:util';
import { leadingFiles } from '../src/lib/models/files.ts';
import { buildsOf, fetchFile, filesOf, FolderError } from './lib/models/folder.ts';

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { to: { type: 'string', default: 'static/models' }, from: { type: 'string' } }
});

async function main(): Promise<void> {
	if (positionals.length === 0)
		throw new FolderError('Name a model, or one build of it: npm run model:fetch -- qwen2-0.5b-instruct');
	const { to: folder, from } = values;
	for (const build of positionals.flatMap(buildsOf)) {
		console.log(`${build.id}: about ${(build.bytes / 1e6).toFixed(0)} MB to ${folder}`);
		let bytes = 0;
		const options = { folder, from, onBytes: (count: number) => (bytes += count) };
		for (const file of leadingFiles(build)) await fetchFile(file, options);
		const files = await filesOf(build, folder);
		for (const file of files) await fetchFile(file, options);
		console.log(
			`${build.id}: ${files.length} files are there and right, ${(bytes / 1e6).toFixed(1)} MB were fetched`
		);
	}
	console.log(
		'Name the folder in alcove.json: "mirrors": ["models/"]. Then: npm run model:lock, npm run build'
	);
}

main().catch((error: unknown) => {
	console.error(error instanceof FolderError ? error.message : error);
	process.exitCode = 1;
});
