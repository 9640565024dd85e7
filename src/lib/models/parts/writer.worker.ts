/** The thread that writes parts into the private file system; there alone a browser lets a file be written at once. */
import { firstWrong } from '../digest.ts';
import { type FromWriter, LET_GO, type ToWriter } from './orders.ts';
import type { Added } from './place.ts';

type Write = Extract<ToWriter, { kind: 'write' }>;

/** The files that are being written, by folder; while one is open nobody else can write or delete it. */
const open = new Map<string, { name: string; access: FileSystemSyncAccessHandle }>();

async function write({ path, name, from, buffer, bytes, sums }: Write): Promise<Pick<Added, 'wrong'>> {
	const data = new Uint8Array(buffer, 0, bytes);
	const wrong = sums && (await firstWrong(data, sums));
	if (wrong) return { wrong };
	const access = await accessTo(path, name);
	const before = access.getSize();
	// what stood before it was refused, or is gone
	if (before !== from)
		throw new DOMException(`${before} bytes are here, and not ${from}`, 'InvalidStateError');
	try {
		if (access.write(data, { at: from }) !== bytes)
			throw new DOMException('the disk took only a part of it', 'QuotaExceededError');
	} catch (error) {
		access.truncate(from);
		throw error;
	}
	return {};
}

async function accessTo(path: string[], name: string): Promise<FileSystemSyncAccessHandle> {
	const known = open.get(path.join('/'));
	if (known?.name === name) return known.access;
	settle(path, true);
	let folder = await navigator.storage.getDirectory();
	for (const step of path) folder = await folder.getDirectoryHandle(step, { create: true });
	const file = await folder.getFileHandle(name, { create: true });
	const access = await file.createSyncAccessHandle();
	open.set(path.join('/'), { name, access });
	return access;
}

/** Lets go of a file: others may open it. */
function settle(path: string[], keep: boolean): void {
	const access = open.get(path.join('/'))?.access;
	open.delete(path.join('/'));
	try {
		if (keep) access?.flush();
	} finally {
		access?.close();
	}
}

async function carryOut(order: ToWriter): Promise<FromWriter> {
	const { id } = order;
	try {
		if (order.kind === 'write') return { id, kind: 'done', buffer: order.buffer, ...(await write(order)) };
		settle(order.path, order.keep);
		return { id, kind: 'done' };
	} catch (error) {
		// whoever comes next, here or in another tab, opens it anew
		settle(order.path, false);
		const { name, message } = error instanceof Error ? error : new Error(String(error));
		return { id, kind: 'failed', name, message };
	}
}

let previous = Promise.resolve();

// whoever erases everything need not wait for a download
new BroadcastChannel(LET_GO).addEventListener('message', () => {
	for (const { access } of open.values()) access.close();
	open.clear();
});

self.addEventListener('message', ({ data: order }: MessageEvent<ToWriter>) => {
	// a file grows by one part after another
	previous = previous.then(async () => {
		const answer = await carryOut(order);
		const buffer = answer.kind === 'done' ? answer.buffer : undefined;
		self.postMessage(answer, { transfer: buffer ? [buffer] : [] });
	});
});
