import { roomOf, targetOf, type Import, type Module } from './module.ts';
import { ROOMS } from './rooms.ts';

/** A breach in words, with its place: "src/lib/x.ts:3 …". */
export type Breach = string;

/** Holds all modules of `src` against one rule. */
export type Rule = (modules: Module[]) => Breach[];

/** Libraries with one room to themselves: nobody else imports even their types. */
const KEPT_PACKAGES: [package_: RegExp, home: string][] = [
	[/^dexie(\/|$)/, 'src/lib/history/'],
	[/^pdfjs-dist(\/|$)/, 'src/lib/files/']
];

/** Engine libraries: their values stay in a worker of their own folder, their types in that folder. */
const ENGINES: [package_: RegExp, home: string][] = [
	[/^@mlc-ai\//, 'src/lib/engine/webllm/'],
	[/^@wllama\//, 'src/lib/engine/wllama/']
];

const THREADS_AND_SOCKETS = ['Worker', 'SharedWorker', 'WebSocket', 'EventSource'];

function at(module: Module, line: number, words: string): Breach {
	return `${module.path}:${line} ${words}`;
}

/** Every import of every module for which `judge` finds words. */
function eachImport(
	modules: Module[],
	judge: (module: Module, found: Import) => string | undefined
): Breach[] {
	return modules.flatMap((module) =>
		module.imports.flatMap((found) => {
			const words = judge(module, found);
			return words === undefined ? [] : [at(module, found.line, words)];
		})
	);
}

/** Every file of `src` stands in a room of the house. */
export const inTheHouse: Rule = (modules) =>
	modules
		.filter(({ room }) => room === null)
		.map((module) => at(module, 1, 'stands in no room of the house'));

/** Rooms import only what the house lets them. */
export const arrows: Rule = (modules) => {
	const rooms = new Map(modules.map(({ path, room }) => [path, room]));
	return eachImport(modules, (module, { specifier, typeOnly }) => {
		const target = targetOf(module, specifier);
		if (target === null || module.room === null) return undefined;
		// generated code, style sheets and data are no modules of ours, but stand in a room
		const room = rooms.get(target) ?? roomOf(target, Object.keys(ROOMS));
		if (room === null) return `imports ${specifier}, which is in no room`;
		const reach = room === module.room ? 'all' : ROOMS[module.room]?.[room];
		if (reach === 'all' || (reach !== undefined && typeOnly)) return undefined;
		if (reach === 'errors' && target === `src/lib/${room}/errors.ts`) return undefined;
		return `(${module.room}) may not import ${reach ? 'values' : 'anything'} of ${room}: ${specifier}`;
	});
};

/** Components bind and render: no database, no thread, no socket, no engine. */
export const componentsOnlyBind: Rule = (modules) => {
	const components = modules.filter(({ path }) => path.endsWith('.svelte'));
	const imports = eachImport(components, (module, { specifier, typeOnly }) => {
		const engine = targetOf(module, specifier)?.startsWith('src/lib/engine/') && !typeOnly;
		const forbidden = engine || /^dexie(\/|$)|\.worker(\.ts)?(\?|$)|\?(shared)?worker/.test(specifier);
		return forbidden ? `is a component and imports ${specifier}` : undefined;
	});
	const made = components.flatMap((module) =>
		module.constructed
			.filter(({ name }) => THREADS_AND_SOCKETS.includes(name))
			.map(({ name, line }) => at(module, line, `is a component and makes a ${name}`))
	);
	return [...imports, ...made];
};

/** A library that has a home is imported nowhere else. */
export const librariesAtHome: Rule = (modules) =>
	eachImport(modules, (module, { specifier }) => {
		const home = [...KEPT_PACKAGES, ...ENGINES].find(([name]) => name.test(specifier))?.[1];
		return home === undefined || module.path.startsWith(home)
			? undefined
			: `imports ${specifier}, kept in ${home}`;
	});

/**
 * An engine's values are reached from its own worker alone, or the page would load all of it.
 * The address of a file (`?url`) is no value of the library.
 */
export const enginesInWorkers: Rule = (modules) =>
	eachImport(modules, (module, { specifier, typeOnly }) => {
		if (typeOnly || specifier.endsWith('?url')) return undefined;
		const home = ENGINES.find(([name]) => name.test(specifier))?.[1];
		if (home === undefined || !module.path.startsWith(home)) return undefined;
		const outside = windowUsers(module, modules);
		return outside.length ? `brings ${specifier} to the window: ${outside.join(', ')}` : undefined;
	});

/** Files that lead to `module` by values without passing through a worker, and that nothing leads to. */
function windowUsers(module: Module, modules: Module[], seen = new Set<Module>()): string[] {
	if (isWorker(module.path) || seen.has(module)) return [];
	seen.add(module);
	const users = modules.filter((other) => valueTargets(other).includes(module.path));
	return users.length ? users.flatMap((user) => windowUsers(user, modules, seen)) : [module.path];
}

function isWorker(path: string): boolean {
	return path.endsWith('.worker.ts');
}

function valueTargets(module: Module): string[] {
	const values = module.imports.filter(({ typeOnly }) => !typeOnly);
	return values.flatMap(({ specifier }) => targetOf(module, specifier) ?? []);
}

/** Modules do not import each other in a circle, types aside. */
export const noCircles: Rule = (modules) => {
	const targets = new Map(modules.map((module) => [module.path, valueTargets(module)]));
	const state = new Map<string, 'open' | 'closed'>();
	const circles: Breach[] = [];
	const visit = (path: string, trail: string[]): void => {
		if (state.get(path) === 'open') circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
		if (state.has(path)) return;
		state.set(path, 'open');
		for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
		state.set(path, 'closed');
	};
	for (const path of targets.keys()) visit(path, []);
	return circles;
};

/** No `any`; a checker is silenced only with a reason beside it. */
export const noBlindSpots: Rule = (modules) =>
	modules.flatMap((module) => {
		const anys = module.anys.map((line) => at(module, line, 'uses any'));
		const silenced = module.source.split('\n').flatMap((text, index) => {
			return isUnexplained(text) ? [at(module, index + 1, 'silences a checker without a reason')] : [];
		});
		return [...anys, ...silenced];
	});

const SILENCERS =
	/(?:\/\/|\/\*|<!--)\s*(?:@ts-(?:ignore|expect-error|nocheck)|eslint-disable[\w-]*|svelte-ignore)(.*)/;

/** A reason is words; in ESLint's comments it stands after "--", in Svelte's after the warnings' names. */
function isUnexplained(line: string): boolean {
	const match = SILENCERS.exec(line);
	if (!match) return false;
	const rest = (match[1] ?? '').replace(/\*\/|-->|\w+_\w+/g, '');
	const reason = match[0].includes('eslint') ? (rest.split(/\s--\s/)[1] ?? '') : rest;
	return reason.replace(/[^\p{L}]/gu, '').length < 10;
}

export const RULES: Record<string, Rule> = {
	'every file stands in a room of the house': inTheHouse,
	'imports follow the arrows': arrows,
	'components bind and render': componentsOnlyBind,
	'a library with a home is imported nowhere else': librariesAtHome,
	'an engine stays in its worker': enginesInWorkers,
	'modules import in no circle': noCircles,
	'no any, and no checker silenced without a reason': noBlindSpots
};
