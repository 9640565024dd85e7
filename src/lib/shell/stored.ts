/** What this origin keeps on the device, and how much. Sizes are bytes; undefined is what the browser does not tell. */
export interface Stored {
	/** In all, as the browser counts it, and how much there may be. */
	usage: number | undefined;
	quota: number | undefined;
	/** By the browser's promise, kept when the device is full. */
	persisted: boolean | undefined;
	databases: { names: string[]; bytes: number | undefined };
	caches: { name: string; files: number; bytes: number }[];
	/** The private file system. */
	files: number | undefined;
	/** Small choices. */
	choices: number;
}

export interface StoredEnvironment {
	storage: StorageManager | undefined;
	caches: CacheStorage | undefined;
	databases: IDBFactory;
	/** Throws where the browser gives no storage. */
	choices(): Storage;
}

/** Chromium tells more than TypeScript knows. */
type Details = { usageDetails?: { indexedDB?: number } };

/** Looks at everything that is stored. What cannot be read is left out. */
export async function lookAtStored(environment: StoredEnvironment): Promise<Stored> {
	const { storage, caches, databases, choices } = environment;
	const estimate: (StorageEstimate & Details) | undefined = await orNothing(() => storage?.estimate());
	const listed = await orNothing(() => databases.databases());
	return {
		usage: estimate?.usage,
		quota: estimate?.quota,
		persisted: await orNothing(() => storage?.persisted()),
		databases: {
			names: (listed ?? []).flatMap(({ name }) => name ?? []).sort(),
			bytes: estimate?.usageDetails?.indexedDB
		},
		caches: (await orNothing(() => caches && cachesOf(caches))) ?? [],
		files: await orNothing(async () => storage && folderSize(await storage.getDirectory())),
		choices: (await orNothing(() => choiceSize(choices()))) ?? 0
	};
}

async function orNothing<T>(look: () => T | Promise<T>): Promise<T | undefined> {
	try {
		return await look();
	} catch (error) {
		console.info('A part of the storage cannot be looked at:', error);
		return undefined;
	}
}

async function cachesOf(caches: CacheStorage): Promise<Stored['caches']> {
	const names = (await caches.keys()).sort();
	return Promise.all(
		names.map(async (name) => {
			const cache = await caches.open(name);
			const keys = await cache.keys();
			let bytes = 0;
			// one body at a time: a Blob of a cached response stays on the disk
			for (const key of keys) bytes += (await (await cache.match(key))?.blob())?.size ?? 0;
			return { name, files: keys.length, bytes };
		})
	);
}

async function folderSize(folder: FileSystemDirectoryHandle): Promise<number> {
	let bytes = 0;
	for await (const entry of folder.values()) {
		if (entry instanceof FileSystemDirectoryHandle) bytes += await folderSize(entry);
		else if (entry instanceof FileSystemFileHandle) bytes += (await entry.getFile()).size;
	}
	return bytes;
}

/** Two bytes a character, as it is kept. */
function choiceSize(storage: Storage): number {
	return Object.entries(storage).reduce(
		(sum, [key, value]) => sum + (key.length + String(value).length) * 2,
		0
	);
}
