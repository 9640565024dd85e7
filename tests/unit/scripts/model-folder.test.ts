import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseAppConfig } from '#lib/models/app-config.ts';
import { ROOT } from '../../../scripts/lib/process.ts';

const BUILD = 'Qwen2-0.5B-Instruct-q4f16_1';
const AT = `/mlc-ai/${BUILD}-MLC/resolve/main/`;
const PART = 512 * 1024;
/** Of seventeen parts. */
const shard = Buffer.alloc(8 * 1024 ** 2 + 100_000, 7);
const manifest = {
	records: [
		{
			dataPath: 'params_shard_0.bin',
			nbytes: shard.length,
			md5sum: createHash('md5').update(shard).digest('hex')
		}
	]
};

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

// each test starts several processes
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let server: Server;
let asked: { path: string; range: string | undefined }[];
let files: Map<string, Buffer>;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'alcove-models-'));
	asked = [];
	files = new Map([
		[`${AT}mlc-chat-config.json`, Buffer.from(JSON.stringify({ tokenizer_files: ['tokenizer.json'] }))],
		[`${AT}ndarray-cache.json`, Buffer.from(JSON.stringify(manifest))],
		[`${AT}tokenizer.json`, Buffer.from('{}')],
		[`${AT}params_shard_0.bin`, shard],
		[
			'/mlc-ai/binary-mlc-llm-libs/main/web-llm-models/v0_2_86/base/Qwen2-0.5B-Instruct-q4f16_1_cs1k-webgpu.wasm',
			Buffer.from('\0asm\x01\0\0\0', 'latin1')
		]
	]);
	server = createServer((request, response) => {
		const path = decodeURIComponent(request.url ?? '');
		const { range } = request.headers;
		asked.push({ path, range });
		const file = files.get(path);
		if (!file) return void response.writeHead(404).end();
		const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
		response.writeHead(from > 0 ? 206 : 200).end(file.subarray(from));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
	server.close();
	await rm(folder, { recursive: true });
});

/** Runs a script as a person would. @returns what it printed, and how it ended */
async function run(script: string, ...args: string[]): Promise<{ code: number; words: string }> {
	try {
		const { stdout } = await promisify(execFile)(process.execPath, [`${ROOT}scripts/${script}.ts`, ...args]);
		return { code: 0, words: stdout };
	} catch (error) {
		const { code, stderr } = error as { code: number; stderr: string };
		return { code, words: stderr };
	}
}

function fetchModel(name = BUILD) {
	const { port } = server.address() as AddressInfo;
	return run('model-fetch', name, '--to', folder, '--from', `http://127.0.0.1:${port}/`);
}

describe('a model beside the app', () => {
	test('is fetched under the paths of the hub, resumed, and pinned in alcove.json', async () => {
		await writeFile(join(folder, 'alcove.json'), '{ "mirrors": ["models/"] }');
		expect(await fetchModel()).toMatchObject({
			code: 0,
			words: expect.stringContaining('5 files') as string
		});
		expect(await readFile(join(folder, AT, 'params_shard_0.bin'))).toEqual(shard);

		await rm(join(folder, AT, 'params_shard_0.bin'));
		await writeFile(join(folder, AT, 'params_shard_0.bin.part'), shard.subarray(0, 60_000));
		asked = [];
		expect((await fetchModel()).code).toBe(0);
		expect(asked.filter(({ path }) => path.endsWith('.bin'))).toEqual([
			{ path: `${AT}params_shard_0.bin`, range: 'bytes=60000-' }
		]);

		const lock = await run('model-lock', '--from', folder, '--config', join(folder, 'alcove.json'));
		expect(lock).toMatchObject({ code: 0, words: expect.stringContaining('5 files') as string });
		const written: unknown = JSON.parse(await readFile(join(folder, 'alcove.json'), 'utf8'));
		const config = parseAppConfig(written, { base: 'https://chat.example/', allowed: [] });
		expect(config.mirrors).toEqual(['https://chat.example/models/']);
		expect(config.pins[`https://huggingface.co${AT}params_shard_0.bin`]).toEqual({
			bytes: shard.length,
			sha256: sha256(shard),
			parts: {
				size: PART,
				sha256: Array.from({ length: 17 }, (_, at) => sha256(shard.subarray(at * PART, (at + 1) * PART)))
			}
		});
		// a small file is a part by itself
		expect(config.pins[`https://huggingface.co${AT}tokenizer.json`]).toEqual({
			bytes: 2,
			sha256: sha256(Buffer.from('{}'))
		});
	});

	test('is refused when a file is not what its manifest says', async () => {
		files.set(`${AT}params_shard_0.bin`, Buffer.alloc(shard.length, 8));
		const { code, words } = await fetchModel();
		expect(code).toBe(1);
		expect(words).toMatch(/params_shard_0\.bin: its md5 is/);
		const lock = await run('model-lock', BUILD, '--from', folder, '--config', join(folder, 'none.json'));
		expect(lock.code).toBe(1);
	});

	test('of an unknown name is refused with the names there are', async () => {
		const { code, words } = await fetchModel('no-such-model');
		expect(code).toBe(1);
		expect(words).toContain('qwen3-1.7b');
	});
});
