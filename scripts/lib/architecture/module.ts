import { posix } from 'node:path';
import { readScript } from './read-script.ts';
import { readSvelte } from './read-svelte.ts';

/** One mention of another module in a source file. */
export interface Import {
	/** As written. */
	specifier: string;
	/** Erased by the compiler: `import type`, `export type … from`, `import('…').Type`. */
	typeOnly: boolean;
	line: number;
}

/** What the rules look at, read from a file's syntax tree. */
export interface Facts {
	imports: Import[];
	/** Names of the classes made with `new`, such as Worker. */
	constructed: { name: string; line: number }[];
	/** Lines of the type `any`. */
	anys: number[];
}

/** A source file of the app. */
export interface Module extends Facts {
	/** From the repository's root, with slashes: "src/lib/chat/chat.svelte.ts". */
	path: string;
	/** The room of the house it stands in, or null when it stands in none. */
	room: string | null;
	source: string;
}

/** Files at fixed places; all others are in the room of their folder. */
const PLACES: [RegExp, string][] = [
	[/^src\/app(\.d\.ts|\.css)$/, 'ambient'],
	[/^src\/policy\.ts$/, 'policy'],
	[/^src\/service-worker\.ts$/, 'service-worker'],
	// the composition root, and parts of it that load later
	[/^src\/lib\/app(-\w+)?(\.svelte)?\.ts$/, 'app']
];

/** @returns the room that a path of `src` is in, or null: the house has no such room */
export function roomOf(path: string, rooms: Iterable<string>): string | null {
	const place = PLACES.find(([pattern]) => pattern.test(path));
	if (place) return place[1];
	const [src, first, second, ...rest] = path.split('/');
	if (src !== 'src' || first === undefined || second === undefined) return null;
	const folder = first === 'lib' && rest.length > 0 ? second : first;
	return [...rooms].includes(folder) ? folder : null;
}

/**
 * Reads one source file.
 * @throws Error when it does not parse
 */
export function readModule(path: string, source: string, rooms: Iterable<string>): Module {
	const facts = path.endsWith('.svelte') ? readSvelte(source) : readScript(path, source);
	return { path, room: roomOf(path, rooms), source, ...facts };
}

/** @returns the path in `src` that an import means, without its query, or null for a package */
export function targetOf(module: Module, specifier: string): string | null {
	const plain = specifier.replace(/\?.*$/, '');
	if (plain.startsWith('#lib/')) return `src/lib/${plain.slice('#lib/'.length)}`;
	if (plain.startsWith('.')) return posix.join(posix.dirname(module.path), plain);
	return null;
}
