import { describe, expect, test } from 'vitest';
import { catalogue, QWEN2, QWEN25, type Build } from '#lib/models/catalogue.ts';
import { inspectDevice, type Device, type Gpu } from '#lib/models/device.ts';
import { chooseBuild, defaultModel, verdict, type EnginePreference } from '#lib/models/verdict.ts';

const GIB = 1024 ** 3;
const GPU: Gpu = {
	kind: 'ready',
	vendor: 'v',
	description: 'd',
	f16: true,
	maxBufferSize: GIB,
	maxStorageBufferBindingSize: GIB
};
const DEVICE: Device = {
	gpu: GPU,
	cores: 8,
	memory: 8 * GIB,
	isolated: true,
	storage: { kind: 'ready', free: 10 * GIB, used: 0, persisted: false }
};
const NO_GPU: Gpu = { kind: 'none', why: 'no-webgpu', detail: 'none' };

const models = catalogue('https://chat.example/');

function model(id: string) {
	const found = models.find((candidate) => candidate.id === id);
	if (!found) throw new Error(`no model ${id}`);
	return found;
}

function build(quantization: string, id = QWEN25): Build {
	const found = model(id).builds.find((candidate) => candidate.quantization === quantization);
	if (!found) throw new Error(`no build ${quantization}`);
	return found;
}

describe('the verdict', () => {
	test('is that everything runs on a strong device', () => {
		for (const candidate of models.flatMap(({ builds }) => builds))
			expect(verdict(candidate, DEVICE)).toEqual({ kind: 'runs' });
	});

	test.each<[string, Partial<Device>, Build, object]>([
		['no-webgpu', { gpu: NO_GPU }, build('q4f32_1'), { detail: 'none' }],
		['no-f16', { gpu: { ...GPU, f16: false } }, build('q4f16_1'), {}],
		[
			'small-buffers',
			{ gpu: { ...GPU, maxStorageBufferBindingSize: 1000 } },
			build('q4f32_1'),
			{ needed: 68_067_328, available: 1000 }
		],
		['little-memory', { memory: GIB / 2 }, build('q4_k_m'), { available: GIB / 2 }],
		[
			'no-room',
			{ storage: { kind: 'ready', free: 1000, used: 0, persisted: true } },
			build('q4_k_m'),
			{ needed: 491_400_032, free: 1000 }
		],
		['no-storage', { storage: { kind: 'none', detail: 'private' } }, build('q4_k_m'), { detail: 'private' }]
	])('says %s, with the numbers', (kind, changes, candidate, numbers) => {
		const result = verdict(candidate, { ...DEVICE, ...changes });
		expect(result).toMatchObject({ kind: 'cannot', reason: { kind, ...numbers } });
	});

	test('asks for no room for a build that is here', () => {
		const full: Device = { ...DEVICE, storage: { kind: 'ready', free: 0, used: GIB, persisted: true } };
		const here = build('q4_k_m');
		expect(verdict(here, full, here.bytes)).toEqual({ kind: 'runs' });
		expect(verdict(here, full, here.bytes - 1)).toMatchObject({ reason: { kind: 'no-room', needed: 1 } });
	});

	test('does not refuse by a memory figure that the browser caps or keeps to itself', () => {
		const huge = { ...build('q4_k_m'), memory: 20 * GIB };
		expect(verdict(huge, { ...DEVICE, memory: undefined }).kind).toBe('runs');
		expect(verdict(huge, { ...DEVICE, memory: 8 * GIB }).kind).toBe('runs');
		expect(verdict(huge, { ...DEVICE, memory: 4 * GIB }).kind).toBe('cannot');
	});
});

describe('the choice', () => {
	const noF16: Device = { ...DEVICE, gpu: { ...GPU, f16: false } };
	const noGpu: Device = { ...DEVICE, gpu: NO_GPU };

	test.each<[string, Device, string, EnginePreference, string, string]>([
		['f16 GPU', DEVICE, QWEN2, 'auto', 'q4f16_1', 'best'],
		['f16 GPU', DEVICE, QWEN2, 'wllama', 'q4_k_m', 'preferred'],
		['f16 GPU', DEVICE, QWEN2, 'webllm', 'q4f16_1', 'preferred'],
		['GPU without f16', noF16, QWEN25, 'auto', 'q4f32_1', 'instead-of'],
		['GPU without f16', noF16, QWEN2, 'auto', 'q4_k_m', 'instead-of'],
		['no GPU', noGpu, QWEN2, 'webllm', 'q4_k_m', 'instead-of'],
		['no GPU', noGpu, 'self-test', 'auto', 'f32', 'best']
	])('on a device with %s', (_name, device, id, preference, quantization, reason) => {
		const choice = chooseBuild(model(id), device, preference);
		expect(choice).toMatchObject({ kind: 'build', build: { quantization }, reason: { kind: reason } });
	});

	test('names what was in the way of the better build', () => {
		const choice = chooseBuild(model(QWEN2), noF16, 'auto');
		expect(choice).toMatchObject({
			reason: { build: { quantization: 'q4f16_1' }, obstacle: { kind: 'no-f16' } }
		});
	});

	test('is none where nothing runs, with every reason', () => {
		const nothing: Device = { ...noGpu, memory: GIB / 4 };
		const choice = chooseBuild(model(QWEN25), nothing, 'auto');
		if (choice.kind !== 'none') throw new Error('expected none');
		expect(choice.refused.map(({ reason }) => reason.kind)).toEqual([
			'no-webgpu',
			'no-webgpu',
			'little-memory'
		]);
	});

	test('takes a build that is already here when there is no room for a better one', () => {
		const full: Device = { ...DEVICE, storage: { kind: 'ready', free: 0, used: GIB, persisted: true } };
		const have = (candidate: Build) => (candidate.engine === 'wllama' ? candidate.bytes : 0);
		expect(chooseBuild(model(QWEN2), full, 'auto', have)).toMatchObject({ build: { engine: 'wllama' } });
	});

	test('proposes Qwen2, and Qwen2.5 where only it has a build for the GPU', () => {
		expect([DEVICE, noGpu, noF16].map(defaultModel)).toEqual([QWEN2, QWEN2, QWEN25]);
	});
});

describe('the inspection', () => {
	const limits = { maxBufferSize: 5, maxStorageBufferBindingSize: 4 };
	const adapter = {
		limits,
		features: new Set(['shader-f16']),
		info: { vendor: 'acme', architecture: 'rocket', description: '' }
	};
	const storage = {
		estimate: () => Promise.resolve({ quota: 100, usage: 30 }),
		persisted: () => Promise.resolve(true)
	};

	test('reads adapter, cores, memory and storage', async () => {
		const gpu = { requestAdapter: () => Promise.resolve(adapter) };
		const navigator = { hardwareConcurrency: 4, deviceMemory: 2, gpu, storage };
		expect(await inspectDevice({ navigator, crossOriginIsolated: true })).toEqual({
			gpu: { kind: 'ready', vendor: 'acme', description: 'acme rocket', f16: true, ...limits },
			cores: 4,
			memory: 2 * GIB,
			isolated: true,
			storage: { kind: 'ready', free: 70, used: 30, persisted: true }
		});
	});

	test.each<[string, { requestAdapter(): Promise<typeof adapter | null> } | undefined, string]>([
		['no WebGPU', undefined, 'no-webgpu'],
		['no adapter', { requestAdapter: () => Promise.resolve(null) }, 'no-adapter'],
		['a driver that fails', { requestAdapter: () => Promise.reject(new Error('lost')) }, 'failed']
	])('never fails: %s', async (_name, gpu, why) => {
		const navigator = { hardwareConcurrency: 1, ...(gpu ? { gpu } : {}) };
		const device = await inspectDevice({ navigator, crossOriginIsolated: false });
		expect(device.gpu).toMatchObject({ kind: 'none', why });
		expect(device.storage.kind).toBe('none');
		expect(device.memory).toBeUndefined();
	});
});
