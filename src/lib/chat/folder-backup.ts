import type { History } from '#lib/history/history.ts';
import type { Time } from '#lib/message/message.ts';

/** Settings about backups begin with "backup": they stay on the device and in no export. */
const FOLDER = 'backup';
const LAST = 'backup.last';
const FAILED = 'backup.failed';

/** How many days' files stay in the folder. */
const KEEP = 10;

/** Our own files in the folder, and nobody else's. */
const OURS = /^alcove-\d{4}-\d\d-\d\d\.json$/;

/** How often a page that stays open looks whether there is something new, in milliseconds. */
const INTERVAL = 10 * 60 * 1000;

/** The last backup that came to its end. */
export interface LastBackup {
	at: Time;
	to: 'file' | 'folder';
}

/** Whether, and how, backups are written by themselves. */
export type FolderState =
	| { kind: 'unsupported' }
	| { kind: 'none' }
	| { kind: 'chosen'; name: string; allowed: boolean; failed: string | undefined };

/** Permissions of a folder, where the browser has them: TypeScript does not know them yet. */
type Folder = FileSystemDirectoryHandle & {
	queryPermission?(mode: { mode: 'readwrite' }): Promise<PermissionState>;
	requestPermission?(mode: { mode: 'readwrite' }): Promise<PermissionState>;
	keys(): AsyncIterable<string>;
};

export interface BackupEnvironment {
	history: History;
	locks: LockManager;
	now(): Time;
	/** Lets the person choose a folder; undefined where the browser cannot. */
	pickFolder: (() => Promise<FileSystemDirectoryHandle>) | undefined;
}

/** The name of a backup made at a time: one a day. */
export function backupName(at: Time): string {
	const date = new Date(at);
	const two = (value: number) => String(value).padStart(2, '0');
	return `alcove-${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}.json`;
}

/** Writes the whole history into a folder that the person chose, by itself. */
export class FolderBackup {
	readonly #env: BackupEnvironment;

	constructor(env: BackupEnvironment) {
		this.#env = env;
	}

	async state(): Promise<FolderState> {
		const folder = await this.#folder();
		if (!folder) return { kind: this.#env.pickFolder ? 'none' : 'unsupported' };
		const failed = await this.#env.history.settings.get(FAILED);
		return {
			kind: 'chosen',
			name: folder.name,
			allowed: await allowed(folder),
			failed: typeof failed === 'string' ? failed : undefined
		};
	}

	async last(): Promise<LastBackup | undefined> {
		return parseLast(await this.#env.history.settings.get(LAST));
	}

	async note(to: LastBackup['to']): Promise<void> {
		await this.#env.history.settings.set(LAST, { at: this.#env.now(), to });
	}

	/** Lets the person choose a folder, and writes the first backup there. @throws DOMException AbortError */
	async choose(): Promise<void> {
		const folder = await this.#env.pickFolder?.();
		if (!folder) return;
		await this.#env.history.settings.set(FOLDER, folder);
		await this.run();
	}

	/** Asks again for the folder, which the browser may have closed meanwhile. */
	async allow(): Promise<void> {
		const folder = await this.#folder();
		if ((await folder?.requestPermission?.({ mode: 'readwrite' })) === 'granted') await this.run();
	}

	async forget(): Promise<void> {
		for (const key of [FOLDER, FAILED]) await this.#env.history.settings.set(key, undefined);
	}

	/** Writes a backup now; one tab at a time. What went wrong is kept, to be shown. */
	async run(): Promise<void> {
		await this.#env.locks.request('alcove:backup', async () => {
			const { settings } = this.#env.history;
			const folder = await this.#folder();
			if (!folder || !(await allowed(folder))) return;
			try {
				await this.#write(folder);
				await settings.set(FAILED, undefined);
				await this.note('folder');
			} catch (error) {
				await settings.set(FAILED, String(error));
			}
		});
	}

	/** Writes now if there is something new, and looks again from time to time and when the page is left. */
	start(page: Document): void {
		const look = () => void this.#ifNew().catch(report);
		look();
		setInterval(look, INTERVAL);
		page.addEventListener('visibilitychange', () => {
			if (page.visibilityState === 'hidden') look();
		});
	}

	async #ifNew(): Promise<void> {
		const last = await this.last();
		const changed = await (await this.#env.history.transfer()).lastChange();
		if (changed !== undefined && (last?.to !== 'folder' || changed > last.at)) await this.run();
	}

	async #folder(): Promise<Folder | undefined> {
		const found = await this.#env.history.settings.get(FOLDER);
		return globalThis.FileSystemDirectoryHandle && found instanceof FileSystemDirectoryHandle
			? (found as Folder)
			: undefined;
	}

	async #write(folder: Folder): Promise<void> {
		const name = backupName(this.#env.now());
		const file = await folder.getFileHandle(name, { create: true });
		// written beside the old file, which is replaced only when the new one is whole
		const out = await file.createWritable();
		try {
			for await (const part of (await this.#env.history.transfer()).all()) await out.write(part);
			await out.close();
		} catch (error) {
			await out.abort();
			throw error;
		}
		const ours: string[] = [];
		for await (const key of folder.keys()) if (OURS.test(key)) ours.push(key);
		for (const old of ours.sort().slice(0, -KEEP)) await folder.removeEntry(old);
	}
}

async function allowed(folder: Folder): Promise<boolean> {
	return (await folder.queryPermission?.({ mode: 'readwrite' })) === 'granted';
}

function parseLast(value: unknown): LastBackup | undefined {
	if (typeof value !== 'object' || value === null || !('at' in value) || !('to' in value)) return undefined;
	const { at, to } = value;
	return typeof at === 'number' && (to === 'file' || to === 'folder') ? { at, to } : undefined;
}

function report(error: unknown): void {
	console.error('The backup:', error);
}
