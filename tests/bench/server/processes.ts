import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { LISTENING, type Job, type Measured } from './job.ts';

/** The server has one core and the generator the other: neither is measured in the other's time. */
const CORES = { server: '0', generator: '1' } as const;

/** What a server is measured by, at its address. */
export interface Running {
	port: number;
	pids: number[];
	close(): Promise<void>;
}

/** Why nothing can be measured here, or null. */
export function unmeasurable(): string | null {
	const pinned = spawnSync('taskset', ['-c', CORES.generator, 'true']);
	return pinned.status === 0 ? null : 'it takes Linux, two cores, and taskset (of util-linux)';
}

/** Starts one of the servers of this folder on a core of its own. */
export function startNode(file: string, env: Record<string, string> = {}): Promise<Running> {
	return start([process.execPath, '--expose-gc', join(import.meta.dirname, file)], env);
}

/** Why Django Channels cannot be measured here, or null. */
export function withoutChannels(): string | null {
	const has = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
	const python = has('python3', '-c', 'import django, channels, channels_redis, uvicorn, websockets');
	if (python && has('redis-server', '--version')) return null;
	return 'it takes python3-django-channels, python3-channels-redis, uvicorn, python3-websockets and redis-server';
}

/** Starts Django Channels with a Redis of its own. */
export async function startChannels(): Promise<Running> {
	const folder = mkdtempSync(join(tmpdir(), 'alcove-bench-'));
	const path = join(folder, 'redis');
	const redis = spawnPinned(['redis-server', '--port', '0', '--unixsocket', path, '--save', ''], folder);
	try {
		while (!existsSync(path)) await sleep(20);
		const channels = await start(['python3', join(import.meta.dirname, 'django_app.py')], {
			REDIS: `unix://${path}`
		});
		const close = async () => {
			await channels.close();
			await redis.close();
		};
		return { port: channels.port, pids: [...channels.pids, redis.pid], close };
	} catch (error) {
		await redis.close();
		throw error;
	}
}

/**
 * Starts a program that says where it listens.
 * @throws Error with its words when it does not start
 */
async function start(command: string[], env: Record<string, string>): Promise<Running> {
	const { child, pid, close } = spawnPinned(command, mkdtempSync(join(tmpdir(), 'alcove-bench-')), env);
	let said = '';
	child.stderr.on('data', (data) => (said += String(data)));
	const port = await new Promise<number>((resolve, reject) => {
		child.once('exit', () => reject(new Error(`${command.join(' ')} does not start: ${said}`)));
		createInterface(child.stdout).on('line', (line) => {
			if (line.startsWith(LISTENING)) resolve(Number(line.slice(LISTENING.length)));
		});
	});
	return { port, pids: [pid], close };
}

/** @param folder where it works, which goes with it */
function spawnPinned(command: string[], folder: string, env: Record<string, string> = {}) {
	const child = spawn('taskset', ['-c', CORES.server, ...command], {
		cwd: folder,
		env: { ...process.env, ...env },
		stdio: ['pipe', 'pipe', 'pipe']
	});
	const exited = once(child, 'exit');
	const close = async () => {
		child.kill('SIGKILL');
		await exited;
		rmSync(folder, { recursive: true, force: true });
	};
	return { child, pid: child.pid ?? 0, close };
}

/** The one process that makes all the load. */
export class Generator {
	readonly #child: ChildProcess;

	constructor() {
		const file = join(import.meta.dirname, 'generator.ts');
		this.#child = spawn('taskset', ['-c', CORES.generator, process.execPath, file], {
			stdio: ['ignore', 'inherit', 'inherit', 'ipc']
		});
	}

	/** @throws Error when the server does not do what is asked of it */
	async measure(job: Job): Promise<Measured> {
		const ended = new AbortController();
		const died = once(this.#child, 'exit', { signal: ended.signal }).then(() => {
			throw new Error('the generator has ended');
		});
		this.#child.send(job);
		const answer = once(this.#child, 'message', { signal: ended.signal });
		try {
			const [said] = (await Promise.race([answer, died])) as [{ measured: Measured } | { error: string }];
			if ('error' in said) throw new Error(`${job.target.dialect}: ${said.error}`);
			return said.measured;
		} finally {
			ended.abort();
			await Promise.allSettled([answer, died]);
		}
	}

	close(): void {
		this.#child.kill('SIGKILL');
	}
}
