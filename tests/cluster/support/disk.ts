import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Seeded } from '../../sync/support/seeded.ts';
import type { Call, Moment } from './trace.ts';

/** What a disk writes as one. */
const SECTOR = 512;
const BLOCK = 65_536;
const ZEROS = Buffer.alloc(BLOCK);

type Change = { done: boolean } & (
	{ kind: 'write'; at: number; bytes: Buffer } | { kind: 'resize'; size: number }
);

/** A name that was given to a file, or taken away (null). */
interface Entry {
	name: string;
	file: File | null;
}

/**
 * What a folder holds on a disk that promises no more than POSIX does: a file's content lasts once it was synced, and
 * its name once the folder was. Of all else a power cut leaves whatever it likes, in any order, by sectors
 * (T. S. Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014).
 */
export class Disk {
	/** As the process sees them. */
	readonly #files = new Map<string, File>();
	readonly #lasting = new Map<string, File>();
	#entries: Entry[] = [];
	/** What is on disk once a sync that is under way has returned. */
	readonly #covered = new Map<Call, () => void>();
	readonly #under = new Map<Call, { file: File; change: Change }>();

	/** A folder's content, all of it on disk. */
	static of(folder: string, isFollowed: (name: string) => boolean): Disk {
		const disk = new Disk();
		for (const name of readdirSync(folder).filter(isFollowed)) {
			const file = new File(readFileSync(join(folder, name)));
			disk.#files.set(name, file);
			disk.#lasting.set(name, file);
		}
		return disk;
	}

	/** Something is being changed, and nobody knows how far it is. */
	get isBusy(): boolean {
		return this.#under.size > 0;
	}

	follow(moment: Moment): void {
		if (moment.kind === 'begin') this.#begin(moment.call);
		else this.#end(moment.call, moment.result);
	}

	/**
	 * Writes what a power cut now leaves into a folder that holds none of it.
	 * @param keep how likely it is that something lasts that was not synced, from 0 to 1
	 */
	cut(folder: string, choices: Seeded, keep: number): void {
		const names = new Map(this.#lasting);
		for (const { name, file } of this.#entries) {
			if (choices.next() >= keep) continue;
			if (file) names.set(name, file);
			else names.delete(name);
		}
		for (const [name, file] of names) file.leave(join(folder, name), choices, keep);
	}

	#begin(call: Call): void {
		if (call.kind === 'write' || call.kind === 'resize') {
			const file = this.#fileOf(call.name);
			this.#under.set(call, { file, change: file.change({ ...call, done: false }) });
		}
		if (call.kind !== 'sync') return;
		if (call.name !== null) this.#covered.set(call, this.#fileOf(call.name).settling());
		else {
			const entries = [...this.#entries];
			this.#covered.set(call, () => this.#settleEntries(entries));
		}
	}

	#end(call: Call, result: number): void {
		const under = this.#under.get(call);
		if (under) under.file.done(under.change, result);
		this.#under.delete(call);
		const settle = this.#covered.get(call);
		this.#covered.delete(call);
		if (result < 0) return;
		settle?.();
		if (call.kind === 'open' && call.creates && !this.#files.has(call.name))
			this.#enter(call.name, new File());
		if (call.kind === 'open' && call.empties)
			this.#fileOf(call.name).change({ kind: 'resize', size: 0, done: true });
		if (call.kind === 'remove') this.#enter(call.name, null);
	}

	#enter(name: string, file: File | null): void {
		if (file) this.#files.set(name, file);
		else this.#files.delete(name);
		this.#entries.push({ name, file });
	}

	#settleEntries(entries: readonly Entry[]): void {
		for (const { name, file } of entries) {
			if (file) this.#lasting.set(name, file);
			else this.#lasting.delete(name);
		}
		this.#entries = this.#entries.filter((entry) => !entries.includes(entry));
	}

	#fileOf(name: string): File {
		const file = this.#files.get(name);
		if (!file) throw new Error(`${name} was used before it was there`);
		return file;
	}
}

/** A file's content: what is on disk, and what was done to it since. */
class File {
	#image: Buffer;
	#size: number;
	#changes: Change[] = [];

	constructor(content: Buffer = Buffer.alloc(0)) {
		this.#image = content;
		this.#size = content.length;
	}

	change(change: Change): Change {
		this.#changes.push(change);
		return change;
	}

	/** A change has returned. @param result the bytes that were written, or -1 */
	done(change: Change, result: number): void {
		change.done = true;
		if (change.kind === 'write') change.bytes = change.bytes.subarray(0, Math.max(0, result));
		else if (result < 0) this.#changes = this.#changes.filter((other) => other !== change);
	}

	/** @returns what puts on disk all that has been done by now */
	settling(): () => void {
		const covered = new Set(this.#changes.filter(({ done }) => done));
		return () => {
			// by another sync some may be on disk already
			for (const change of this.#changes) if (covered.has(change)) this.#settle(change);
			this.#changes = this.#changes.filter((change) => !covered.has(change));
		};
	}

	/** Writes to a path what a power cut leaves. */
	leave(path: string, choices: Seeded, keep: number): void {
		const file = openSync(path, 'w', 0o600);
		ftruncateSync(file, this.#size);
		for (let at = 0; at < this.#size; at += BLOCK) {
			const block = this.#image.subarray(at, Math.min(at + BLOCK, this.#size));
			if (!block.equals(ZEROS.subarray(0, block.length))) writeSync(file, block, 0, block.length, at);
		}
		for (const change of this.#changes) {
			if (change.kind === 'resize') {
				if (choices.next() < keep) ftruncateSync(file, change.size);
			} else leaveWrite(file, change, choices, keep);
		}
		closeSync(file);
	}

	#settle(change: Change): void {
		if (change.kind === 'resize') {
			this.#image.fill(0, Math.min(change.size, this.#size), this.#size);
			this.#reach(change.size);
			this.#size = change.size;
			return;
		}
		const end = change.at + change.bytes.length;
		this.#reach(end);
		change.bytes.copy(this.#image, change.at);
		this.#size = Math.max(this.#size, end);
	}

	#reach(size: number): void {
		if (size <= this.#image.length) return;
		const grown = Buffer.alloc(Math.max(size, this.#image.length * 2));
		this.#image.copy(grown, 0, 0, this.#size);
		this.#image = grown;
	}
}

/** A write that nobody waited for: as a whole, or each sector of it for itself. */
function leaveWrite(
	file: number,
	{ at, bytes }: { at: number; bytes: Buffer },
	choices: Seeded,
	keep: number
): void {
	const isWhole = choices.next() < 0.5;
	if (isWhole && choices.next() >= keep) return;
	for (let from = 0; from < bytes.length;) {
		const to = isWhole ? bytes.length : Math.min(bytes.length, from + SECTOR - ((at + from) % SECTOR));
		if (isWhole || choices.next() < keep) writeSync(file, bytes, from, to - from, at + from);
		from = to;
	}
}
