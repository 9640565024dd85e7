import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';

/** A system call that changes a file, waits for a disk, or says something to somebody. */
export type Call =
	| { kind: 'open'; name: string; creates: boolean; empties: boolean }
	| { kind: 'write'; name: string; at: number; bytes: Buffer }
	| { kind: 'resize'; name: string; size: number }
	| { kind: 'remove'; name: string }
	/** `name` is null for the folder itself. */
	| { kind: 'sync'; name: string | null }
	| { kind: 'say'; socket: string; bytes: Buffer };

/** What happened, in order. A call that had not returned when the process died has no end; below 0 it failed. */
export type Moment = { kind: 'begin'; call: Call } | { kind: 'end'; call: Call; result: number };

const FOLLOWED = [
	...['openat', 'creat', 'pwrite64', 'pwritev', 'pwritev2', 'write', 'writev', 'sendmsg', 'sendto'],
	...['ftruncate', 'truncate', 'fallocate', 'unlink', 'unlinkat', 'rename', 'renameat', 'renameat2', 'link'],
	...['fsync', 'fdatasync', 'sync_file_range', 'copy_file_range']
];

/** Longer than anything that the server writes at once. */
const LONGEST = 4 * 1_024 * 1_024;

/**
 * The command in front of a program that notes its system calls, with all that they carry, to a file. The program
 * keeps its process id. What goes another way (memory that is a file, io_uring) is not seen.
 */
export function traced(file: string): string[] {
	const options = ['-D', '-f', '--seccomp-bpf', '-y', '-xx', '-s', String(LONGEST), '-o', file];
	return ['strace', ...options, '-e', `trace=${FOLLOWED.join(',')}`];
}

/** Why nothing can be traced here although strace is here, or null. */
export function untraceable(): string | null {
	const { status, stderr } = spawnSync('strace', ['-o', '/dev/null', 'true'], { encoding: 'utf8' });
	return status === 0 ? null : `strace may not trace here: ${stderr.trim()}`;
}

/**
 * Reads what `traced` noted of one folder's files and of all sockets.
 * @param folder without symbolic links
 * @param isFollowed tells the files whose content matters
 * @throws Error when one of them was changed in a way that cannot be followed
 */
export async function readTrace(
	file: string,
	folder: string,
	isFollowed: (name: string) => boolean
): Promise<Moment[]> {
	const moments: Moment[] = [];
	const open = new Map<string, Call | null>();
	for await (const line of createInterface(createReadStream(file, 'latin1'))) {
		const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
		const resumed = rest.startsWith('<... ');
		// what threads do besides is of no use: signals, and that they end
		if (!resumed && !/^\w+\(/.test(rest)) continue;
		const call = resumed ? (open.get(thread) ?? null) : parseCall(rest, { folder, isFollowed });
		open.set(thread, call);
		if (!call) continue;
		if (!resumed) moments.push({ kind: 'begin', call });
		const tail = rest.slice(-400);
		const result = /\) += (-?\d+)[^)]*(?:\(.*\))?$/.exec(tail)?.[1];
		if (result !== undefined) moments.push({ kind: 'end', call, result: Number(result) });
		else if (!/(<unfinished \.\.\.>|= \?.*)$/.test(tail)) throw new Error(`a call without an end: ${tail}`);
	}
	return moments;
}

interface Scope {
	folder: string;
	isFollowed: (name: string) => boolean;
}

function parseCall(line: string, { folder, isFollowed }: Scope): Call | null {
	const name = line.slice(0, line.indexOf('('));
	const args = line.slice(name.length + 1);
	const path = pathOf(name, args);
	if (path.startsWith('socket:')) return parseSaid(name, args, path);
	const isFolder = path === folder;
	const file = basename(path);
	if (!isFolder && (dirname(path) !== folder || !isFollowed(file))) return null;
	switch (name) {
		case 'openat':
			return isFolder ? null : openOf(file, args);
		case 'pwrite64': {
			const at = Number(/, \d+, (\d+)(?:\)| <)/.exec(args.slice(-200))?.[1]);
			return { kind: 'write', name: file, at, bytes: stringsOf(args) };
		}
		case 'ftruncate':
			return { kind: 'resize', name: file, size: Number(/, (\d+)/.exec(args)?.[1]) };
		case 'unlink':
			return { kind: 'remove', name: file };
		case 'fsync':
		case 'fdatasync':
			return { kind: 'sync', name: isFolder ? null : file };
	}
	throw new Error(`${name} of ${file} cannot be followed`);
}

/** What a call is about: the path that it names, or what strace says of its descriptor. */
function pathOf(name: string, args: string): string {
	if (/^(openat|creat|unlink|truncate|rename|link)/.test(name))
		return plain(/"([^"]*)"/.exec(args)?.[1] ?? '');
	const [, of = '', gone] = /^\d+<([^>]*)>(\(deleted\))?/.exec(args) ?? [];
	// a file without a name holds nothing any more
	return gone ? '' : plain(of);
}

function openOf(name: string, args: string): Call {
	return { kind: 'open', name, creates: args.includes('O_CREAT'), empties: args.includes('O_TRUNC') };
}

function parseSaid(name: string, args: string, socket: string): Call | null {
	if (!/^(write|send)/.test(name)) return null;
	// an address that is sent to would be a string too
	return { kind: 'say', socket, bytes: stringsOf(args.slice(args.indexOf('"'))) };
}

/** All that is between quotation marks. */
function stringsOf(args: string): Buffer {
	const parts = [...args.matchAll(/"([^"]*)"(\.\.\.)?/g)];
	if (parts.some(([, , cut]) => cut)) throw new Error('more was written at once than is noted');
	return Buffer.concat(parts.map(([, hex = '']) => Buffer.from(hex.replaceAll('\\x', ''), 'hex')));
}

/** A path may come as it is or, as all strings, in hexadecimal. */
function plain(path: string): string {
	return path.replaceAll(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
