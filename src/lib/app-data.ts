import { saveFile } from './app-save.ts';
import { YourData } from './chat/data.svelte.ts';
import { FolderBackup } from './chat/folder-backup.ts';
import type { History } from './history/history.ts';
import { eraseModels, modelBytes } from './models/usage.ts';
import { SHARE_CACHE } from './shell/shared.ts';

/** The browser's way to choose a folder, which TypeScript does not know yet. */
interface FolderPicker {
	showDirectoryPicker?: (options: { id: string; mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;
}

/**
 * The part of the composition root that moves whole histories, on first use; backups begin with it.
 * @param onErased told when all that is stored was erased: what the pages still hold is to go, too
 */
export function createData(history: History, onErased: () => void): YourData {
	const pick = (window as FolderPicker).showDirectoryPicker?.bind(window);
	const backup = new FolderBackup({
		history,
		locks: navigator.locks,
		now: () => Date.now(),
		pickFolder: pick && (() => pick({ id: 'alcove', mode: 'readwrite' }))
	});
	backup.start(document);
	const models = { caches, root: async () => navigator.storage.getDirectory() };
	return new YourData({
		history,
		backup,
		storage: navigator.storage,
		now: () => Date.now(),
		save: saveFile,
		modelBytes: () => modelBytes(models),
		eraseRest: async () => {
			await eraseModels(models);
			await caches.delete(SHARE_CACHE);
			await eraseOthers(history);
			onErased();
		}
	});
}

/** Small choices and indexes that are beside the history. */
async function eraseOthers(history: History): Promise<void> {
	for (const key of Object.keys(localStorage)) if (key.startsWith('alcove')) localStorage.removeItem(key);
	for (const { name } of (await indexedDB.databases?.()) ?? [])
		// one that is open elsewhere goes when it is closed
		if (name?.startsWith('alcove') && name !== history.name) indexedDB.deleteDatabase(name);
}
