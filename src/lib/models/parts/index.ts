/** Where this browser keeps the parts of files. */
import type { PartPlaces } from '../store.ts';
import { CachedParts } from './cached.ts';
import { FiledParts, type FiledPartsOptions, type Root } from './filed.ts';

export interface PartsEnvironment extends Pick<FiledPartsOptions, 'startWriter'> {
	caches: CacheStorage;
	root: Root;
}

/** New parts go into files where that can be; those in a cache, of a version before, are found too. */
export function partPlaces({ caches, root, startWriter }: PartsEnvironment): () => Promise<PartPlaces> {
	let places: Promise<PartPlaces> | undefined;
	const cached = new CachedParts(caches);
	const find = async (): Promise<PartPlaces> => {
		try {
			return [new FiledParts({ root: await root(), startWriter }), cached];
		} catch (error) {
			console.info('Models are kept in a cache, for want of a private file system:', error);
			return [cached];
		}
	};
	return () => (places ??= find());
}
