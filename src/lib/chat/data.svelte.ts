import { HistoryError } from '#lib/message/errors.ts';
import type { Id, Time } from '#lib/message/message.ts';
import type { Imported, ImportSource } from '#lib/history/formats/exported.ts';
import { ImportError, type ImportFailure } from '#lib/history/formats/import-error.ts';
import { readFile } from '#lib/history/formats/read.ts';
import type { History } from '#lib/history/history.ts';
import type { AuthorNames } from '#lib/history/markdown.ts';
export type { ImportFailure, ImportPlan, ImportSource, FolderState };
import type { HistoryCounts, ImportPlan } from '#lib/history/transfer.ts';
import { backupName, type FolderBackup, type FolderState, type LastBackup } from './folder-backup.ts';

/** Why something could not be done with the data. */
export type DataFailure =
	| { kind: 'import'; failure: ImportFailure }
	| { kind: 'history'; error: HistoryError }
	| { kind: 'other'; detail: string };

/** What is known of the device's storage; sizes in bytes, undefined where the browser does not tell. */
export interface Safety {
	persistent: boolean | undefined;
	models: number;
	history: number | undefined;
	used: number | undefined;
	quota: number | undefined;
	counts: HistoryCounts;
	last: LastBackup | undefined;
	folder: FolderState;
}

/** What is being done with the data, or was done last. */
export type DataTask =
	| { kind: 'none' }
	| { kind: 'busy'; with: 'export' | 'read' | 'import' | 'erase' | 'backup' }
	| { kind: 'exported'; conversations: number }
	| {
			kind: 'preview';
			name: string;
			source: ImportSource;
			leftOut: number;
			plan: ImportPlan;
			imported: Imported;
	  }
	| { kind: 'imported'; plan: ImportPlan }
	/** The person was asked to keep the storage, and the browser said no. */
	| { kind: 'not-kept' }
	| { kind: 'failed'; failure: DataFailure };

export interface DataEnvironment {
	history: History;
	backup: FolderBackup;
	storage: StorageManager | undefined;
	now(): Time;
	/** Hands a file to the person. */
	save(name: string, file: Blob): void;
	modelBytes(): Promise<number>;
	/** Erases what is outside the history, and leaves the page. */
	eraseRest(): Promise<void>;
}

/** How much text a piece of an export gathers before the browser takes it off the heap, in UTF-16 code units. */
const PIECE = 1_000_000;

/** Everything of the person's on this device: how safe it is, out of it, into it, and off it. */
export class YourData {
	#safety = $state.raw<Safety | undefined>();
	#task = $state.raw<DataTask>({ kind: 'none' });
	readonly #env: DataEnvironment;

	constructor(env: DataEnvironment) {
		this.#env = env;
	}

	/** Undefined until `look` has come to its end. */
	get safety(): Safety | undefined {
		return this.#safety;
	}

	get task(): DataTask {
		return this.#task;
	}

	/** Looks at the storage. */
	look(): Promise<void> {
		return this.#try(() => this.#look());
	}

	/** Asks the browser never to clear this app's storage by itself. */
	async keep(): Promise<void> {
		await this.#try(async () => {
			const kept = await this.#env.storage?.persist?.();
			if (!kept) this.#task = { kind: 'not-kept' };
			await this.#look();
		});
	}

	/** Gives the person everything as one file. The pieces of it are the browser's as soon as they are made. */
	async exportAll(): Promise<void> {
		await this.#run('export', async () => {
			const transfer = await this.#env.history.transfer();
			const { conversations } = await transfer.counts();
			const pieces: Blob[] = [];
			let piece = '';
			for await (const part of transfer.all()) {
				piece += part;
				if (piece.length < PIECE) continue;
				pieces.push(new Blob([piece]));
				piece = '';
			}
			const file = new Blob([...pieces, piece], { type: 'application/json' });
			this.#env.save(backupName(this.#env.now()), file);
			await this.#env.backup.note('file');
			await this.#look();
			return { kind: 'exported', conversations };
		});
	}

	/** Gives the person one conversation. @returns why not, if it could not be read */
	async exportOne(
		id: Id,
		{ kind, names }: { kind: 'json' | 'markdown'; names: AuthorNames }
	): Promise<HistoryError | undefined> {
		try {
			const transfer = await this.#env.history.transfer();
			const json = kind === 'json';
			const { title, text } = json ? await transfer.one(id) : await transfer.markdown(id, names);
			const type = json ? 'application/json' : 'text/markdown';
			this.#env.save(`${fileName(title)}.${json ? 'json' : 'md'}`, new Blob([text], { type }));
			return undefined;
		} catch (error) {
			if (error instanceof HistoryError) return error;
			throw error;
		}
	}

	/** Reads a file and says what taking it in would come to; nothing is changed yet. */
	async preview(file: File): Promise<void> {
		await this.#run('read', async () => {
			const imported = await readFile(file, this.#env.now());
			const plan = await (await this.#env.history.transfer()).compare(imported);
			const { source, leftOut } = imported;
			return { kind: 'preview', name: file.name, source, leftOut, plan, imported };
		});
	}

	/** Takes in what was previewed. */
	async take(): Promise<void> {
		const task = this.#task;
		if (task.kind !== 'preview') return;
		await this.#run('import', async () => {
			const plan = await (await this.#env.history.transfer()).take(task.imported);
			await this.#look();
			return { kind: 'imported', plan };
		});
	}

	/** Lets go of what was previewed, or of what was told. */
	dismiss(): void {
		this.#task = { kind: 'none' };
	}

	/** Lets the person choose a folder for backups; closing the browser's question changes nothing. */
	chooseFolder(): Promise<void> {
		return this.#backup(() => this.#env.backup.choose());
	}

	allowFolder(): Promise<void> {
		return this.#backup(() => this.#env.backup.allow());
	}

	forgetFolder(): Promise<void> {
		return this.#backup(() => this.#env.backup.forget());
	}

	backUpNow(): Promise<void> {
		return this.#backup(() => this.#env.backup.run());
	}

	/** Erases the history, the settings and the models, for good. */
	async erase(): Promise<void> {
		await this.#run('erase', async () => {
			await (await this.#env.history.transfer()).erase();
			await this.#env.eraseRest();
			return { kind: 'none' };
		});
	}

	#backup(work: () => Promise<void>): Promise<void> {
		return this.#run('backup', async () => {
			try {
				await work();
			} catch (error) {
				if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
			}
			await this.#look();
			return { kind: 'none' };
		});
	}

	async #look(): Promise<void> {
		const { history, backup, storage, modelBytes } = this.#env;
		const transfer = await history.transfer();
		const [counts, persistent, estimate, models, last, folder] = await Promise.all([
			transfer.counts(),
			storage?.persisted?.(),
			storage?.estimate?.() as Promise<Estimate> | undefined,
			modelBytes(),
			backup.last(),
			backup.state()
		]);
		this.#safety = {
			persistent,
			models,
			history: estimate?.usageDetails?.indexedDB,
			used: estimate?.usage,
			quota: estimate?.quota,
			counts,
			last,
			folder
		};
	}

	async #run(
		what: Extract<DataTask, { kind: 'busy' }>['with'],
		work: () => Promise<DataTask>
	): Promise<void> {
		if (this.#task.kind === 'busy') return;
		this.#task = { kind: 'busy', with: what };
		await this.#try(async () => {
			this.#task = await work();
		});
	}

	async #try(work: () => Promise<void>): Promise<void> {
		try {
			await work();
		} catch (error) {
			this.#task = { kind: 'failed', failure: failureOf(error) };
		}
	}
}

/** What Chromium tells beyond the standard. */
type Estimate = StorageEstimate & { usageDetails?: { indexedDB?: number } };

function failureOf(error: unknown): DataFailure {
	if (error instanceof ImportError) return { kind: 'import', failure: error.failure };
	if (error instanceof HistoryError) return { kind: 'history', error };
	return { kind: 'other', detail: String(error) };
}

/** A title as the name of a file, on every system. */
function fileName(title: string): string {
	const name = title.replaceAll(/[\p{Cc}\p{Cf}/\\:*?"<>|]+/gu, ' ').trim();
	return (
		Array.from(name)
			.slice(0, 60)
			.join('')
			.replace(/[. ]+$/, '') || 'alcove'
	);
}
