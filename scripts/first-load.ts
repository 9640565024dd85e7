import { readdirSync, readFileSync } from 'node:fs';
import { minify } from 'terser';
import type { Plugin } from 'vite';

/** The modules that every visit begins with; what they import without `import()` comes with them. */
const ROOTS = /client-entry\.js$|client-optimized\/app\.js$|\/src\/routes\/(\+|\(chat\)\/)/;
const CHUNK = 'first-load';

/** Modules of which the app needs a fraction, each with the file that stands in for it. */
const STAND_INS: { module: RegExp; file: string }[] = [
	{ module: /\/node_modules\/devalue\/index\.js$/, file: 'devalue.js' },
	{ module: /\/kit\/src\/runtime\/client\/fetcher\.js$/, file: 'kit-fetcher.js' },
	{ module: /\/kit\/src\/runtime\/client\/snapshots\.js$/, file: 'kit-snapshots.js' },
	{ module: /\/kit\/src\/utils\/exports\.js$/, file: 'kit-exports.js' },
	{ module: /\/svelte\/src\/internal\/client\/dom\/hydration\.js$/, file: 'svelte-hydration.js' },
	{ module: /^\0vite\/preload-helper\.js$/, file: 'preload-helper.js' },
	{ module: /\/src\/lib\/i18n\/paraglide\/runtime\.js$/, file: 'paraglide-runtime.js' },
	{ module: /\/src\/lib\/i18n\/words\.ts$/, file: 'words.js' }
];

/** Modules of nothing but warnings to a developer, of which a built app would print a link. */
const WARNINGS = /\/(kit\/src\/messages\/(client|shared)|svelte\/src\/internal\/client\/)-?warnings\.js$/;

/** A message of Paraglide's, which holds it in every language. */
const MESSAGE = /\/src\/lib\/i18n\/paraglide\/messages\/(?!_index)(\w+)\.js$/;
const MESSAGES = new URL('../src/lib/i18n/paraglide/messages/', import.meta.url);
const WORDS = 'alcove:zh-Hans';

const passThrough = (name: string) =>
	`const ${name} = { stack: 'dbcore', name: '${name}', create: (core) => core };`;

/** Methods of Dexie's classes that no source calls; a test holds that. */
export const METHODS_LEFT_OUT: Record<string, string[]> = {
	Table: ['bulkUpdate', 'defineClass', 'mapToClass', 'upsert'],
	Collection: ['distinct', 'eachUniqueKey', 'firstKey', 'lastKey', 'uniqueKeys', 'until'],
	WhereClause: [
		...['anyOfIgnoreCase', 'equalsIgnoreCase', 'startsWithAnyOfIgnoreCase', 'startsWithIgnoreCase'],
		...['inAnyRange', 'noneOf', 'notEqual', 'startsWithAnyOf']
	],
	Transaction: ['waitFor']
};

/** Parts of modules that this app does not use, each with what takes its place. */
const PARTS: { module: RegExp; parts: Record<string, string>; methods?: Record<string, string[]> }[] = [
	{
		// hooks on tables, searches in the first part of a compound index, and the cache of results that an
		// option switches off
		module: /\/dexie\/dist\/modern\/dexie\.mjs$/,
		parts: {
			hooksMiddleware: passThrough('hooksMiddleware'),
			hookCreatingChain: 'function hookCreatingChain() {}',
			hookUpdatingChain: 'function hookUpdatingChain() {}',
			hookDeletingChain: 'function hookDeletingChain() {}',
			cacheMiddleware: passThrough('cacheMiddleware'),
			createVirtualIndexMiddleware: 'function createVirtualIndexMiddleware(down) { return down; }'
		},
		methods: METHODS_LEFT_OUT
	},
	{
		// pages drawn by a server, data-sveltekit-preload-* attributes, and the reroute hook: there are none
		module: /\/kit\/src\/runtime\/client\/client\.js$/,
		parts: {
			_hydrate: `function _hydrate() { throw new Error('No server draws a page'); }`,
			setup_preload: 'function setup_preload() {}',
			get_rerouted_url: 'async function get_rerouted_url(url) { return url; }'
		}
	}
];

interface Place {
	start: number;
	end: number;
}

interface Class extends Place {
	type: string;
	body: { body: (Place & { key?: { name?: string } })[] };
}

interface Declaration extends Place {
	type: string;
	id?: { name?: string } | null;
	declarations?: { id: { name?: string }; init?: unknown }[];
	body?: Class['body'];
}

const nameOf = (node: Declaration) => node.id?.name ?? node.declarations?.[0]?.id.name ?? '';

/** The methods of these classes, by `Class.method`. */
function* methodsOf(body: Declaration[], classes: Record<string, string[]>): Generator<[string, Place]> {
	for (const node of body) {
		const declared = node.type === 'ClassDeclaration' ? node : node.declarations?.[0]?.init;
		for (const method of classes[nameOf(node)] ? (declared as Class).body.body : [])
			yield [`${nameOf(node)}.${method.key?.name}`, method];
	}
}

/** @throws Error when one of the parts is not there, as in another version */
function replaceParts(
	code: string,
	body: Declaration[],
	parts: Record<string, string>,
	methods: Record<string, string[]>
): string {
	const wanted: Record<string, string> = { ...parts };
	for (const [name, left] of Object.entries(methods))
		for (const method of left) wanted[`${name}.${method}`] = '';
	const left = new Set(Object.keys(wanted));
	const found = [
		...body.map((node): [string, Place] => [nameOf(node), node]),
		...methodsOf(body, methods)
	].filter(([name]) => left.delete(name));
	if (left.size > 0)
		throw new Error(`There is no ${[...left].join(', ')} any more: see scripts/first-load.ts`);
	let result = '';
	let end = 0;
	for (const [name, place] of found.toSorted(([, a], [, b]) => a.start - b.start)) {
		result += code.slice(end, place.start) + wanted[name];
		end = place.end;
	}
	return result + code.slice(end);
}

/**
 * The function that says a message in one language, by Paraglide's name for that language.
 * @throws Error when a message is not written as this version of Paraglide does
 */
function saying(code: string, language: string, name: string): string {
	const found = new RegExp(`^const ${language}_${name} = ([^]*?\\n\\});$`, 'm').exec(code)?.[1];
	if (!found || code.includes('registry'))
		throw new Error('Paraglide has changed: see scripts/first-load.ts');
	return found;
}

/** The names of all messages; in the build a message is known by its place in this list. */
const messageNames = () =>
	readdirSync(MESSAGES)
		.filter((file) => MESSAGE.test(`${MESSAGES.pathname}${file}`))
		.map((file) => file.slice(0, -'.js'.length))
		.sort();

/** A message in English, which every visit brings; the words of another language come before it. */
function inEnglish(code: string, name: string): string {
	const said = `/* @__PURE__ */ message(${messageNames().indexOf(name)}, ${saying(code, 'en', name)})`;
	return `import { message } from '../../words.ts';\nexport const ${name} = ${said};`;
}

/** All messages in Chinese, as one module. */
function inChinese(): string {
	const sayings = messageNames().map((name) =>
		saying(readFileSync(new URL(`${name}.js`, MESSAGES), 'utf8'), 'zh_hans1', name)
	);
	return `export default [${sayings.join(', ')}];`;
}

/** The same exports, of functions that do nothing. */
function silenced(code: string): string {
	const names = [...code.matchAll(/^export (?:async )?function (\w+)/gm)].map(([, name]) => name);
	return `const nothing = () => undefined;\nexport { ${names.map((name) => `nothing as ${name}`).join(', ')} };`;
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
		resolveId: (id) => (id === WORDS ? `\0${WORDS}` : undefined),
		load(id) {
			if (id === `\0${WORDS}`) return inChinese();
			const standIn = STAND_INS.find(({ module }) => module.test(id));
			return standIn && readFileSync(new URL(`first-load/${standIn.file}`, import.meta.url), 'utf8');
		},
		transform(code, id) {
			if (WARNINGS.test(id)) return { code: silenced(code), map: null };
			const message = MESSAGE.exec(id)?.[1];
			if (message) return { code: inEnglish(code, message), map: null };
			const found = PARTS.find(({ module }) => module.test(id));
			if (!found) return undefined;
			const body = this.parse(code).body as Declaration[];
			return { code: replaceParts(code, body, found.parts, found.methods ?? {}), map: null };
		},
		async renderChunk(code, chunk) {
			if (chunk.name !== CHUNK) return undefined;
			const result = await minify(code, { module: true, ecma: 2020, compress: { passes: 3 } });
			if (!result.code) throw new Error('terser made nothing of the first chunk');
			return { code: result.code, map: null };
		}
	};
}
