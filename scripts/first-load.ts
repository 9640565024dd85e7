import { minify } from 'terser';
import type { Plugin } from 'vite';

/** The modules that every visit begins with; what they import without `import()` comes with them. */
const ROOTS = /client-entry\.js$|client-optimized\/app\.js$|\/src\/routes\/(\+|\(chat\)\/)/;

/** Parts of Svelte that only other pages use: its barrel would bring them along. */
const ELSEWHERE = /internal\/client\/dom\/(elements\/(transitions|bindings\/select)|blocks\/key)\.js$/;

const CHUNK = 'first-load';

/**
 * Plain JSON in the place of devalue, with which Kit's client keeps the state of history entries and reads
 * what a server loads: here that state is plain and there is no such server.
 */
const PLAIN_STATE = '\0plain-state';
const PLAIN_STATE_SOURCE = `
export const stringify = (value) => JSON.stringify(value);
export const parse = (text) => JSON.parse(text);
export const unflatten = () => { throw new Error('No server loads data'); };
export const uneval = unflatten;
`;

/**
 * Keeps the first visit small. What every visit needs is one chunk, which compresses better than many, and
 * terser goes over it before Vite's own minifier does. It names what it takes away, so that a new version
 * of Kit or Svelte is looked at again: `npm run size` tells.
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
						rolldownOptions: {
							preserveEntrySignatures: 'allow-extension',
							output: {
								codeSplitting: {
									groups: [
										{
											name: 'elsewhere',
											test: ELSEWHERE,
											priority: 1,
											includeDependenciesRecursively: false
										},
										{ name: CHUNK, test: ROOTS }
									]
								}
							}
						}
					}
				}
			}
		}),
		resolveId: (id) => (id === 'devalue' ? PLAIN_STATE : undefined),
		load: (id) => (id === PLAIN_STATE ? PLAIN_STATE_SOURCE : undefined),
		async renderChunk(code, chunk) {
			if (chunk.name !== CHUNK) return undefined;
			const result = await minify(code, { module: true, ecma: 2020, compress: { passes: 3 } });
			if (!result.code) throw new Error('terser made nothing of the first chunk');
			return { code: result.code, map: null };
		}
	};
}
