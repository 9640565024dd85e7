import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';

/** What the cluster stands on, each with the package of Debian's that brings it. */
export const PROGRAMS = {
	postgres: 'postgresql',
	'redis-server': 'redis-server',
	nginx: 'nginx-light',
	strace: 'strace',
	openssl: 'openssl'
} as const;

export type Program = keyof typeof PROGRAMS;

/** Where a program is, or null; Debian keeps PostgreSQL's off the PATH, one folder for each version. */
export function findProgram(name: string): string | null {
	const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
	const debian = globSync('/usr/lib/postgresql/*/bin').sort((a, b) =>
		b.localeCompare(a, 'en', { numeric: true })
	);
	return [...folders, ...debian].map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** Why something cannot run here, or null when all its programs are here. */
export function missing(...programs: Program[]): string | null {
	const absent = programs.filter((program) => !findProgram(program));
	if (absent.length === 0) return null;
	const packages = absent.map((program) => PROGRAMS[program]).join(' ');
	return `${absent.join(' and ')} not found; on Debian: apt-get install ${packages}`;
}

/** @throws Error when the program is not here */
export function program(name: string): string {
	const path = findProgram(name);
	if (!path) throw new Error(`${name} is not here`);
	return path;
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/**
 * Whose rights a server is started with: PostgreSQL refuses to run as root, and Debian made it a user.
 * @returns nothing when we are not root
 */
export function postgresUser(): { uid?: number; gid?: number } {
	if (process.getuid?.() !== 0) return {};
	const idOf = (option: string) => Number(spawnSync('id', [option, 'postgres'], { encoding: 'utf8' }).stdout);
	return { uid: idOf('-u'), gid: idOf('-g') };
}
