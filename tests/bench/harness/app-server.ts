import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface AppServer {
	/** Ending in "/". */
	url: string;
	close(): Promise<void>;
}

/**
 * Starts the app's own server over a current build, on a port that is free.
 * @param root the repository's root folder
 * @throws Error with the server's words when it does not start
 */
export async function startApp(root: string): Promise<AppServer> {
	const server = spawn(process.execPath, ['scripts/start.ts'], {
		cwd: root,
		env: { ...process.env, PORT: '0', HOST: '127.0.0.1', BASE_PATH: '', SYNC: 'off' },
		stdio: ['ignore', 'pipe', 'inherit']
	});
	const ended = once(server, 'exit');
	const said: string[] = [];
	for await (const line of createInterface(server.stdout)) {
		said.push(line);
		const url = /^Alcove is at (http:\S+)/.exec(line)?.[1];
		if (url === undefined) continue;
		server.stdout.resume();
		return { url, close: () => (server.kill('SIGTERM'), ended.then(() => undefined)) };
	}
	throw new Error(`the app does not start:\n${said.join('\n')}`);
}
