import { expect, test } from 'vitest';
import { catalogue, QWEN25 } from '#lib/models/catalogue.ts';
import { inspectDevice } from '#lib/models/device.ts';
import { chooseBuild, defaultModel } from '#lib/models/verdict.ts';

test('a browser is asked what it can do, and the answer fits what it has', async () => {
	const device = await inspectDevice({ navigator, crossOriginIsolated });
	expect(device.cores).toBe(navigator.hardwareConcurrency);
	expect(device.isolated).toBe(crossOriginIsolated);
	const { quota = 0 } = await navigator.storage.estimate();
	if (device.storage.kind === 'none') throw new Error(device.storage.detail);
	expect(device.storage.free + device.storage.used).toBeLessThanOrEqual(quota);
	const adapter = await navigator.gpu.requestAdapter();
	expect(device.gpu.kind).toBe(adapter ? 'ready' : 'none');
	if (device.gpu.kind === 'none' || !adapter) return;
	expect(device.gpu.f16).toBe(adapter.features.has('shader-f16'));
	expect(device.gpu.maxBufferSize).toBe(adapter.limits.maxBufferSize);
	expect(device.gpu.description).not.toBe('');
});

test('on a GPU without shader-f16 the model with a 32-bit build is proposed, and that build', async () => {
	const device = await inspectDevice({ navigator, crossOriginIsolated });
	if (device.gpu.kind === 'none' || device.gpu.f16) return;
	expect(defaultModel(device)).toBe(QWEN25);
	const model = catalogue(location.href).find(({ id }) => id === QWEN25);
	const choice = model && chooseBuild(model, device, 'auto');
	expect(choice).toMatchObject({ kind: 'build', build: { engine: 'webllm', quantization: 'q4f32_1' } });
});
