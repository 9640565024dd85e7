import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const UNSHARE = ['unshare', '--mount', '--map-root-user'];
const CHUNK = Buffer.alloc(4_096, 1);

/** Why no file system can be mounted here, or null. */
export function unmountable(): string | null {
	const [program = '', ...args] = UNSHARE;
	const { error, status, stderr } = spawnSync(program, [...args, ...mount('/mnt', 'size=64k'), 'true'], {
		encoding: 'utf8'
	});
	if (error) return `unshare is not to be had: ${error.message}`;
	return status === 0 ? null : `a file system of one's own may not be mounted here: ${stderr.trim()}`;
}

/** A command that mounts memory as a file system before it runs the one that follows. */
function mount(at: string, options: string): string[] {
	const script = 'mount -t tmpfs -o "$2" none "$1" && shift 2 && exec "$@"';
	return ['sh', '-c', script, 'sh', at, options];
}

/**
 * A file system of a few megabytes that only programs see which run `under` it: for them it lies over a folder. It
 * lasts as long as the process that keeps it, whatever becomes of the others.
 */
export class SmallDisk {
	readonly #at: string;
	readonly #keeper: ChildProcess;
	readonly #exited: Promise<unknown>;

	private constructor(at: string, keeper: ChildProcess) {
		this.#at = at;
		this.#keeper = keeper;
		this.#exited = new Promise((resolve) => keeper.once('exit', resolve));
	}

	/** @param at an empty folder @param options of the mount, such as "size=4m" */
	static async mount(at: string, options: string): Promise<SmallDisk> {
		const [program = '', ...args] = UNSHARE;
		// cat ends with us
		const keeper = spawn(program, [...args, ...mount(at, options), 'sh', '-c', 'echo mounted; exec cat'], {
			stdio: ['pipe', 'pipe', 'inherit']
		});
		await new Promise<void>((resolve, reject) => {
			keeper.stdout.once('data', () => resolve());
			keeper.once('error', reject);
			keeper.once('exit', () => reject(new Error('nothing could be mounted')));
		});
		return new SmallDisk(at, keeper);
	}

	/** The command in front of a program that is to see it. */
	get under(): string[] {
		const keeper = String(this.#keeper.pid);
		return ['nsenter', '--target', keeper, '--mount', '--user', '--preserve-credentials'];
	}

	/** Where everybody else finds a file of it. */
	path(name: string): string {
		return join(`/proc/${this.#keeper.pid}/root${this.#at}`, name);
	}

	/** Takes all the room that is left. */
	fill(): void {
		const file = openSync(this.path('ballast'), 'a');
		try {
			for (;;) writeSync(file, CHUNK);
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
		} finally {
			closeSync(file);
		}
	}

	/** Gives back what `fill` took. */
	free(): void {
		rmSync(this.path('ballast'));
	}

	async remove(): Promise<void> {
		this.#keeper.kill('SIGKILL');
		await this.#exited;
	}
}
