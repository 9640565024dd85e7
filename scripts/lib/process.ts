import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Command {
	/** A package of node_modules whose program is run, with the Node that runs this script. */
	tool: string;
	/** The program's name, where it is not the package's. */
	program?: string;
	args: string[];
	env?: Record<string, string>;
	/** Longest time in milliseconds; past it the program is ended and has failed. */
	limit?: number;
}

/** The file behind a package's program. Without a shell or a PATH, so it is the same on every system. */
function programFile({ tool, program = tool }: Command): string {
	const folder = `${ROOT}node_modules/${tool}`;
	const manifest: unknown = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
	const bin = typeof manifest === 'object' && manifest && 'bin' in manifest ? manifest.bin : undefined;
	if (typeof bin === 'string') return `${folder}/${bin}`;
	const file = Object.entries(bin ?? {}).find(([name]) => name === program)?.[1];
	if (typeof file !== 'string') throw new Error(`${tool} has no program named ${program}`);
	return `${folder}/${file}`;
}

/**
 * Runs a program with no input and our own output, as CI would.
 * @returns whether it ended by itself with exit code 0
 */
export function run(
	file: string,
	args: string[],
	options: Omit<Command, 'tool' | 'args'> = {}
): Promise<boolean> {
	return new Promise((resolve, reject) => {
		const child = spawn(file, args, {
			cwd: ROOT,
			stdio: ['ignore', 'inherit', 'inherit'],
			env: { ...process.env, CI: 'true', ...options.env },
			...(options.limit ? { timeout: options.limit } : {})
		});
		child.once('error', reject);
		child.once('exit', (code, signal) => {
			if (signal) console.error(`${file} was ended by ${signal}`);
			resolve(code === 0);
		});
	});
}

/** Runs a package's program; see `run`. */
export function runTool(command: Command): Promise<boolean> {
	return run(process.execPath, [programFile(command), ...command.args], command);
}
