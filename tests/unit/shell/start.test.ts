import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

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
		env: { ...process.env, SKIP_BUILD: '1', BUILD_DIR: folder, HOST: '127.0.0.1', ...environment },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	let said = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (part: Buffer) => (said += part.toString()));
	const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
	return { child, ended };
}

it('serves the app and ends at SIGTERM with a connection still open', async () => {
	const { child, ended } = start({ PORT: '0' });
	const [line] = (await once(child.stdout, 'data')) as [Buffer];
	const address = /http:\S+/.exec(line.toString())?.[0] ?? '';
	expect(await (await fetch(address)).text()).toContain('the app');
	child.kill('SIGTERM');
	expect((await ended).code).toBe(0);
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
