/**
 * Parts in files of the browser's private file system (OPFS, https://fs.spec.whatwg.org): they go to the disk from
 * a thread of ours, and not through the browser's own process, as entries of a cache do.
 */
import type { PartSums } from '../catalogue.ts';
import { type FromWriter, LET_GO, type ToWriter } from './orders.ts';
import type { Added, PartName, PartPlace } from './place.ts';

/** Folder of the private file system that holds the parts of all files. */
const PARTS_FOLDER = 'alcove-models';

/** The root of the private file system; rejects where the browser has none, or gives none to a private window. */
export type Root = () => Promise<FileSystemDirectoryHandle>;

export type WriterThread = Pick<Worker, 'postMessage' | 'addEventListener'>;

/** Starts the thread that writes parts; only threads may write at once. */
export function startWriter(): WriterThread {
	return new Worker(new URL('./writer.worker.ts', import.meta.url), { type: 'module', name: 'parts' });
}

export interface FiledPartsOptions {
	root: FileSystemDirectoryHandle;
	startWriter: () => Promise<WriterThread>;
}

/** Each file of a model has a folder whose path is its URL; in it lies what has come of it, named by its tag. */
export class FiledParts implements PartPlace {
	readonly #options: FiledPartsOptions;
	#writer: Promise<WriterThread> | undefined;
	readonly #waiting = new Map<number, PromiseWithResolvers<Partial<Added>>>();
	#last = 0;

	constructor(options: FiledPartsOptions) {
		this.#options = options;
	}

	async list(fileKey: string): Promise<PartName[]> {
		const folder = await this.#folder(fileKey);
		const parts: PartName[] = [];
		for await (const entry of folder?.values() ?? []) {
			if (!(entry instanceof FileSystemFileHandle)) continue;
			const size = (await orMissing(() => entry.getFile()))?.size;
			if (size) parts.push({ from: 0, bytes: size, tag: tagOf(entry.name) });
		}
		return parts;
	}

	async add(
		fileKey: string,
		{ from, bytes, tag }: PartName,
		{ buffer }: Uint8Array<ArrayBuffer>,
		sums?: PartSums
	): Promise<Added> {
		const path = [PARTS_FOLDER, ...pathOf(fileKey)];
		const order = { kind: 'write', path, name: fileName(tag), from, buffer, bytes } as const;
		const done = await this.#ask({ ...order, ...(sums ? { sums } : {}) }, [buffer]);
		return { ...done, buffer: done.buffer ?? new ArrayBuffer(buffer.byteLength) };
	}

	async settle(fileKey: string, keep = true): Promise<void> {
		if (this.#writer) await this.#ask({ kind: 'settle', path: [PARTS_FOLDER, ...pathOf(fileKey)], keep });
	}

	async read(fileKey: string, names: readonly PartName[]): Promise<(Blob | undefined)[]> {
		const folder = await this.#folder(fileKey);
		const files = new Map<string, File | undefined>();
		for (const { tag } of names)
			if (!files.has(tag))
				files.set(tag, await orMissing(async () => (await folder?.getFileHandle(fileName(tag)))?.getFile()));
		return names.map(({ from, bytes, tag }) => {
			const file = files.get(tag);
			return file && file.size >= from + bytes ? file.slice(from, from + bytes) : undefined;
		});
	}

	async delete(fileKey: string, { tag }: PartName): Promise<void> {
		await this.settle(fileKey, false);
		const folder = await this.#folder(fileKey);
		await orMissing(async () => folder?.removeEntry(fileName(tag)));
	}

	async deleteBelow(url: string): Promise<void> {
		const path = pathOf(url.replace(/\/$/, ''));
		const last = path.pop();
		const folder = await this.#walk(path);
		if (last !== undefined) await orMissing(async () => folder?.removeEntry(last, { recursive: true }));
	}

	#folder(fileKey: string): Promise<FileSystemDirectoryHandle | undefined> {
		return this.#walk(pathOf(fileKey));
	}

	#walk(path: string[]): Promise<FileSystemDirectoryHandle | undefined> {
		return orMissing(async () => {
			let folder = await this.#options.root.getDirectoryHandle(PARTS_FOLDER);
			for (const name of path) folder = await folder.getDirectoryHandle(name);
			return folder;
		});
	}

	async #ask(order: Order, transfer: Transferable[] = []): Promise<Partial<Added>> {
		const writer = await (this.#writer ??= this.#start());
		const id = ++this.#last;
		const waiting = Promise.withResolvers<Partial<Added>>();
		this.#waiting.set(id, waiting);
		writer.postMessage({ ...order, id } satisfies ToWriter, transfer);
		return waiting.promise;
	}

	async #start(): Promise<WriterThread> {
		const writer = await this.#options.startWriter();
		writer.addEventListener('message', (event) => this.#hear((event as MessageEvent<FromWriter>).data));
		writer.addEventListener('error', (event) => {
			event.preventDefault();
			const detail = (event as ErrorEvent).message || 'it could not start';
			const reason = new DOMException(`the thread that writes: ${detail}`, 'UnknownError');
			for (const { reject } of this.#waiting.values()) reject(reason);
			this.#waiting.clear();
			// the next part finds another
			this.#writer = undefined;
		});
		return writer;
	}

	#hear(answer: FromWriter): void {
		const waiting = this.#waiting.get(answer.id);
		this.#waiting.delete(answer.id);
		if (answer.kind === 'failed') waiting?.reject(new DOMException(answer.message, answer.name));
		else waiting?.resolve(answer);
	}
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
type Order = WithoutId<ToWriter>;

/** The bytes of all parts that lie in files. */
export async function partFileBytes(root: Root): Promise<number> {
	const folder = await orMissing(async () => (await orNone(root))?.getDirectoryHandle(PARTS_FOLDER));
	return folder ? bytesIn(folder) : 0;
}

/** Milliseconds between tries to delete what a thread still holds, and tries. */
const AGAIN = { after: 50, times: 40 } as const;

/** Deletes all parts that lie in files, also those that are being written; their downloads fail. */
export async function erasePartFiles(root: Root): Promise<void> {
	const folder = await orNone(root);
	const channel = new BroadcastChannel(LET_GO);
	try {
		for (let tried = 1; ; tried += 1) {
			try {
				return await orMissing(async () => folder?.removeEntry(PARTS_FOLDER, { recursive: true }));
			} catch (error) {
				const held = error instanceof DOMException && error.name === 'NoModificationAllowedError';
				if (!held || tried === AGAIN.times) throw error;
				channel.postMessage('let go');
				await new Promise((resolve) => setTimeout(resolve, AGAIN.after));
			}
		}
	} finally {
		channel.close();
	}
}

/** Without a private file system there is nothing in it. */
function orNone(root: Root): Promise<FileSystemDirectoryHandle | undefined> {
	return root().catch(() => undefined);
}

async function bytesIn(folder: FileSystemDirectoryHandle): Promise<number> {
	let sum = 0;
	for await (const entry of folder.values())
		if (entry instanceof FileSystemDirectoryHandle) sum += await bytesIn(entry);
		else if (entry instanceof FileSystemFileHandle)
			sum += (await orMissing(() => entry.getFile()))?.size ?? 0;
	return sum;
}

/** Longest name of a folder or file: there are file systems that take 255 bytes at the most. */
const LONGEST = 120;

/** Folders on the way to a URL: one for each step, marked so that none can be taken for a file or for a way back. */
function pathOf(url: string): string[] {
	return url.split('/').flatMap((step) => {
		const name = encodeURIComponent(step);
		const pieces = Array.from({ length: Math.ceil(name.length / LONGEST) || 1 }, (_, at) =>
			name.slice(at * LONGEST, (at + 1) * LONGEST)
		);
		return pieces.map((piece, at) => (at === 0 ? '+' : '=') + piece);
	});
}

/** A tag too long for a name is cut: it will not be that of the server, and the file is fetched from its start. */
function fileName(tag: string): string {
	const whole = encodeURIComponent(tag);
	// six characters at the most stand for one of a header
	return `-${whole.length > LONGEST ? encodeURIComponent(tag.slice(0, LONGEST / 6)) : whole}`;
}

function tagOf(name: string): string {
	return decodeURIComponent(name.slice(1));
}

/** What is not there is no failure. */
async function orMissing<T>(look: () => Promise<T>): Promise<T | undefined> {
	try {
		return await look();
	} catch (error) {
		if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
		throw error;
	}
}
