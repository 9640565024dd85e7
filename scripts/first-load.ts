import { readFileSync } from 'node:fs';
import { minify } from 'terser';
import type { Plugin } from 'vite';

/** The modules that every visit begins with; what they import without `import()` comes with them. */
const ROOTS = /client-entry\.js$|client-optimized\/app\.js$|\/src\/routes\/(\+|\(chat\)\/)/;
const CHUNK = 'first-load';

/** Modules of which the app needs a fraction, each with the file that stands in for it. */
const STAND_INS: { module: RegExp; file: string }[] = [
	{ module: /\/node_modules\/devalue\/index\.js$/, file: 'devalue.js' },
	{ module: /\/kit\/src\/runtime\/client\/fetcher\.js$/, file: 'kit-fetcher.js' },
	{ module: /^\0vite\/preload-helper\.js$/, file: 'preload-helper.js' },
	{ module: /\/src\/lib\/i18n\/paraglide\/runtime\.js$/, file: 'paraglide-runtime.js' }
];

/**
 * Parts of Dexie that the history does not use, each with what takes its place: hooks on tables, searches
 * that ignore case, and the cache of query results, which Dexie's own option would only switch off.
 */
const DEXIE = /\/dexie\/dist\/modern\/dexie\.mjs$/;
const passThrough = (name: string) =>
	`const ${name} = { stack: 'dbcore', name: '${name}', create: (core) => core };`;
const DEXIE_PARTS: Record<string, string> = {
	hooksMiddleware: passThrough('hooksMiddleware'),
	cacheMiddleware: passThrough('cacheMiddleware'),
	addIgnoreCaseAlgorithm: `function addIgnoreCaseAlgorithm() { throw new Error('Not in this build'); }`
};

interface Declaration {
	type: string;
	start: number;
	end: number;
	id?: { name?: string } | null;
	declarations?: { id: { name?: string } }[];
}

/** @throws Error when one of the parts is not there, as in another version */
function withoutParts(code: string, body: Declaration[]): string {
	const left = new Set(Object.keys(DEXIE_PARTS));
	let result = '';
	let end = 0;
	for (const node of body) {
		const name = node.id?.name ?? node.declarations?.[0]?.id.name ?? '';
		if (!left.delete(name)) continue;
		result += code.slice(end, node.start) + (DEXIE_PARTS[name] ?? '');
		end = node.end;
	}
	if (left.size > 0)
		throw new Error(`Dexie has changed: no ${[...left].join(', ')} (see scripts/first-load.ts)`);
	return result + code.slice(end);
}

/**
 * Keeps the first visit small. What every visit needs is one chunk, which compresses better than many;
 * terser goes over it before Vite's own minifier does; and what the app cannot use is left out by name, so
 * that a new version of a library stops the build or shows in `npm run size`.
 */
export function firstLoad(): Plugin {
	return {
		name: 'alcove:first-load',
		enforce: 'pre',
		applyToEnvironment: ({ name }) => name === 'client',
		config: () => ({
			environments: {
				client: {
					build: {
						rolldownOptions: { output: { codeSplitting: { groups: [{ name: CHUNK, test: ROOTS }] } } }
					}
				}
			}
		}),
		load(id) {
			const standIn = STAND_INS.find(({ module }) => module.test(id));
			return standIn && readFileSync(new URL(`first-load/${standIn.file}`, import.meta.url), 'utf8');
		},
		transform(code, id) {
			if (!DEXIE.test(id)) return undefined;
			return { code: withoutParts(code, this.parse(code).body as Declaration[]), map: null };
		},
		async renderChunk(code, chunk) {
			if (chunk.name !== CHUNK) return undefined;
			const result = await minify(code, { module: true, ecma: 2020, compress: { passes: 3 } });
			if (!result.code) throw new Error('terser made nothing of the first chunk');
			return { code: result.code, map: null };
		}
	};
}
