import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort, postgresUser, program } from './programs.ts';

/** A server of somebody else's on a port and in a folder of its own, that can be killed and started again. */
abstract class Service {
	readonly folder: string;
	readonly port: number;
	#child: ChildProcess | null = null;
	#exited: Promise<unknown> = Promise.resolve();
	#said = '';

	protected constructor(folder: string, port: number) {
		this.folder = folder;
		this.port = port;
	}

	protected abstract command(): { file: string; args: string[]; user?: { uid?: number; gid?: number } };

	/** Throws until it is ready. */
	protected abstract probe(): Promise<void>;

	/** Resolves when it answers. @throws Error with its words when it ends instead */
	async start(): Promise<void> {
		const { file, args, user } = this.command();
		const child = spawn(file, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'], ...user });
		this.#child = child;
		this.#exited = new Promise((resolve) => child.once('exit', resolve));
		for (const stream of [child.stdout, child.stderr])
			stream.on('data', (data) => (this.#said += String(data)));
		for (;;) {
			if (child.exitCode !== null) throw new Error(`${file} ended: ${this.#said}`);
			try {
				return await this.probe();
			} catch {
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
		}
	}

	/** Ends it. SIGKILL is for Redis; PostgreSQL's helpers go by SIGQUIT, which is its own crash. */
	async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void> {
		this.#child?.kill(signal);
		await this.#exited;
	}

	async remove(): Promise<void> {
		await this.end('SIGQUIT');
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** PostgreSQL as Debian ships it, with its commits on disk. */
export class PostgresServer extends Service {
	#databases = 0;

	static async create(): Promise<PostgresServer> {
		const folder = mkdtempSync(join(tmpdir(), 'alcove-postgres-'));
		const { uid, gid } = postgresUser();
		if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
		const args = [
			'-D',
			join(folder, 'data'),
			'-U',
			'alcove',
			'-A',
			'trust',
			'-E',
			'UTF8',
			'--no-locale',
			'-N'
		];
		const made = spawnSync(program('initdb'), args, { cwd: folder, encoding: 'utf8', ...postgresUser() });
		if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
		return new PostgresServer(folder, await freePort());
	}

	/** An empty database. @returns its address */
	async newDatabase(): Promise<string> {
		const name = `test${++this.#databases}`;
		await this.#ask('postgres', `CREATE DATABASE ${name}`);
		return this.#url(name);
	}

	protected command() {
		const args = [
			...['-D', join(this.folder, 'data'), '-p', String(this.port)],
			...['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${this.folder}`]
		];
		return { file: program('postgres'), args, user: postgresUser() };
	}

	protected probe(): Promise<void> {
		return this.#ask('postgres', 'SELECT 1');
	}

	#url(database: string): string {
		return `postgres://alcove@127.0.0.1:${this.port}/${database}`;
	}

	async #ask(database: string, sql: string): Promise<void> {
		const client = new Client({ connectionString: this.#url(database) });
		// one that ends while it is asked says so twice
		client.on('error', () => undefined);
		try {
			await client.connect();
			await client.query(sql);
		} finally {
			await client.end();
		}
	}
}

/** Redis as Debian ships it, keeping nothing on disk. */
export class RedisServer extends Service {
	static async create(): Promise<RedisServer> {
		return new RedisServer(mkdtempSync(join(tmpdir(), 'alcove-redis-')), await freePort());
	}

	get url(): string {
		return `redis://127.0.0.1:${this.port}`;
	}

	protected command() {
		const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
		return { file: program('redis-server'), args };
	}

	protected probe(): Promise<void> {
		return new Promise((resolve, reject) => {
			const socket = connect(this.port, '127.0.0.1', () => socket.write('PING\r\n'));
			socket.on('error', reject);
			socket.on('data', (data) => {
				socket.destroy();
				if (String(data).startsWith('+PONG')) resolve();
				else reject(new Error(String(data)));
			});
		});
	}
}
