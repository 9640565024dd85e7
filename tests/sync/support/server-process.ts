import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = new URL('../../../src/server/main.ts', import.meta.url).pathname;

/** The real server as a process of its own, over a folder that outlives it. */
export class ServerProcess {
	readonly folder = mkdtempSync(join(tmpdir(), 'alcove-sync-'));
	readonly lines: string[] = [];
	/** What it wrote to standard error: nothing, if all is well. */
	complaints = '';
	#child: ChildProcess | null = null;
	#exited: Promise<unknown> = Promise.resolve();
	#port = 0;

	get origin(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	get database(): string {
		return join(this.folder, 'rooms.db');
	}

	get pid(): number {
		return this.#child?.pid ?? 0;
	}

	/**
	 * Resolves when it listens; a second start takes the same port.
	 * @param under a command that runs the one behind it, with the same process id
	 */
	async start(settings: Record<string, string> = {}, under: readonly string[] = []): Promise<void> {
		const [program = '', ...args] = [...under, process.execPath, MAIN];
		const child = spawn(program, args, {
			cwd: this.folder,
			env: {
				PATH: process.env['PATH'],
				SYNC_PORT: String(this.#port),
				SYNC_DATABASE: this.database,
				SYNC_LOG_LEVEL: 'debug',
				// it starts again and again: compiled once is enough
				NODE_COMPILE_CACHE: join(this.folder, 'compiled'),
				...settings
			},
			stdio: ['ignore', 'pipe', 'pipe']
		});
		this.#child = child;
		// with all that was started besides, which shares its outputs
		this.#exited = new Promise((resolve) => child.once('close', resolve));
		child.stderr.on('data', (data) => (this.complaints += String(data)));
		this.#port = await new Promise<number>((resolve, reject) => {
			child.once('exit', () => reject(new Error(`the server did not start: ${this.complaints}`)));
			createInterface(child.stdout).on('line', (line) => {
				this.lines.push(line);
				const said = JSON.parse(line) as { event: string; port?: number };
				if (said.event === 'listening') resolve(said.port ?? 0);
			});
		});
	}

	/** Ends it at once, as a power cut for the process would. */
	async kill(): Promise<void> {
		this.#child?.kill('SIGKILL');
		await this.#exited;
	}

	/** Asks it to stop. @returns its exit code */
	async stop(): Promise<number | null> {
		this.#child?.kill('SIGTERM');
		await this.#exited;
		return this.#child?.exitCode ?? null;
	}

	async remove(): Promise<void> {
		await this.kill();
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** Asks the server's API as an account. @throws Error when it refuses */
export async function api(
	origin: string,
	method: string,
	path: string,
	{ token, body }: { token?: string; body?: unknown } = {}
): Promise<Record<string, unknown>> {
	const response = await fetch(`${origin}/api/v1${path}`, {
		method,
		headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
		...(body === undefined ? {} : { body: JSON.stringify(body) })
	});
	const text = await response.text();
	if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
	return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

export interface Person {
	id: string;
	token: string;
}

/** Registers people and puts them into one open room. */
export async function furnish(
	origin: string,
	names: readonly string[]
): Promise<{ room: string; people: Person[] }> {
	const people: Person[] = [];
	for (const name of names) {
		const made = await api(origin, 'POST', '/accounts', { body: { name, password: 'correct horse' } });
		people.push({ id: String((made['account'] as { id: string }).id), token: String(made['token']) });
	}
	const [owner, ...others] = people;
	if (!owner) throw new Error('a room needs somebody');
	const access = { kind: 'open', name: 'Garden', key: 'k'.repeat(43) };
	const made = await api(origin, 'POST', '/rooms', { token: owner.token, body: { access } });
	const room = String(made['id']);
	for (const { token } of others) {
		await api(origin, 'POST', `/rooms/${room}/members`, { token, body: { invite: null } });
	}
	return { room, people };
}
