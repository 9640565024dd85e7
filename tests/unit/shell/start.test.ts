import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';

// each starts a process, and a busy machine takes its time
vi.setConfig({ testTimeout: 30_000 });

let folder: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'alcove-start-'));
	await writeFile(
		join(folder, 'index.html'),
		`<meta http-equiv="content-security-policy" content="default-src 'none'">the app`
	);
});
afterAll(() => rm(folder, { recursive: true }));

function start(environment: Record<string, string>) {
	const child = spawn(process.execPath, ['scripts/start.ts'], {
		env: {
			...process.env,
			...{ SKIP_BUILD: '1', BUILD_DIR: folder, HOST: '127.0.0.1', SYNC_DATABASE: join(folder, 'rooms.db') },
			...environment
		},
		stdio: ['ignore', 'pipe', 'pipe']
	});
	let said = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (part: Buffer) => (said += part.toString()));
	const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
	return { child, ended };
}

/** Starts it and waits until it says where it is. */
async function started(environment: Record<string, string> = {}) {
	const { child, ended } = start({ PORT: '0', ...environment });
	const [line] = (await once(child.stdout, 'data')) as [Buffer];
	const address = /http:\S+/.exec(line.toString())?.[0] ?? '';
	const stop = () => {
		child.kill('SIGTERM');
		return ended;
	};
	return { address, stop };
}

/** How a handshake for the sync server's socket goes that a page of `origin` begins: "open", or its refusal. */
function handshake(address: string, origin: string): Promise<string> {
	const socket = new WebSocket(`${address.replace('http', 'ws')}api/v1/socket`, { origin });
	return new Promise((resolve) => {
		socket.on('open', () => {
			socket.close();
			resolve('open');
		});
		socket.on('error', (error) => resolve(error.message));
	});
}

it('serves the app and ends at SIGTERM with a connection still open', async () => {
	const { address, stop } = await started();
	expect(await (await fetch(address)).text()).toContain('the app');
	expect((await stop()).code).toBe(0);
});

it.each(['', '/alcove'])('serves the sync server below "%s" on the same port', async (base) => {
	const { address, stop } = await started({ BASE_PATH: base });
	expect(await (await fetch(`${address}api/v1/server`)).json()).toEqual({ protocol: 1 });
	expect((await fetch(`${address}healthz`)).status).toBe(200);
	expect(await (await fetch(address)).text()).toContain('the app');
	const { origin } = new URL(address);
	expect(await handshake(address, origin)).toBe('open');
	expect(await handshake(address, origin.replace('127.0.0.1', 'localhost'))).toBe('open');
	expect(await handshake(address, 'https://evil.example')).toContain('403');
	expect((await stop()).code).toBe(0);
	expect((await stat(join(folder, 'rooms.db'))).mode & 0o077).toBe(0);
});

it('serves the app alone when it is told so', async () => {
	const { address, stop } = await started({ SYNC: 'off' });
	expect(await (await fetch(`${address}api/v1/server`)).text()).toContain('the app');
	expect(await handshake(address, new URL(address).origin)).not.toBe('open');
	await stop();
});

it('refuses a SYNC that is neither on nor off', async () => {
	const { code, said } = await start({ SYNC: 'maybe' }).ended;
	expect([code, said]).toEqual([2, 'SYNC must be "on" or "off"; it is "maybe".\n']);
});

it('says why the sync server does not start, and how to do without it', async () => {
	const { code, said } = await start({ PORT: '0', SYNC_DATABASE: join(folder, 'nowhere', 'rooms.db') }).ended;
	expect(code).toBe(2);
	expect(said).toContain('SYNC=off');
	const wrong = await start({ PORT: '0', SYNC_ORIGINS: 'chat.example' }).ended;
	expect(wrong.said).toContain('SYNC_ORIGINS');
});

it.each(['x', '-1', '65536', '4173.5'])('refuses PORT=%s in plain words', async (port) => {
	const { code, said } = await start({ PORT: port }).ended;
	expect(code).toBe(2);
	expect(said).toBe(`PORT must be a number from 0 to 65535; it is "${port}".\n`);
});

it('says which port is taken and how to choose another', async () => {
	const other = createServer().listen(0, '127.0.0.1');
	await once(other, 'listening');
	const { port } = other.address() as AddressInfo;
	const { code, said } = await start({ PORT: String(port) }).ended;
	expect(code).toBe(2);
	expect(said).toContain(`Port ${port} is taken. Choose another one: PORT=${port + 1} npm start`);
	other.close();
});
