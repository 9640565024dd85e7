import { EngineError } from '../errors.ts';

/**
 * Checks the GPU before anything is loaded: the library finds out only when it compiles.
 * @returns the adapter's name, for people
 * @throws EngineError no-adapter, no-f16
 */
export async function checkGpu(needsF16: boolean): Promise<string> {
	const gpu = (navigator as Partial<Navigator>).gpu;
	const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
	if (!adapter) throw new EngineError('no-adapter', gpu ? 'WebGPU finds no adapter' : 'no WebGPU here');
	const { description, vendor, architecture } = adapter.info;
	const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'WebGPU';
	if (needsF16 && !adapter.features.has('shader-f16'))
		throw new EngineError('no-f16', `${name} has no shader-f16`);
	return name;
}

/**
 * Watches the devices that are requested from now on. The library only logs a lost device, unloads
 * and then fails with something else, or waits forever. It also destroys its device itself where that has no
 * memory left for a buffer, so a device that was destroyed is lost, too; after an unload nobody waits here.
 * @returns a promise that rejects with device-lost or out-of-memory, and never resolves
 */
export function watchGpu(): Promise<never> {
	const { promise, reject } = Promise.withResolvers<never>();
	promise.catch(() => undefined); // often nobody waits; who does hears of it
	if (typeof GPUAdapter === 'undefined') return promise;
	const { requestDevice } = GPUAdapter.prototype;
	GPUAdapter.prototype.requestDevice = async function (descriptor) {
		const device = await requestDevice.call(this, descriptor);
		const lackOfMemory = (error: GPUError | null) => {
			if (error instanceof GPUOutOfMemoryError) reject(new EngineError('out-of-memory', error.message));
		};
		device.addEventListener('uncapturederror', ({ error }) => lackOfMemory(error));
		// heard before the library hears it and destroys the device
		const { popErrorScope } = device;
		device.popErrorScope = () => {
			const popped = popErrorScope.call(device);
			popped.then(lackOfMemory, () => undefined);
			return popped;
		};
		void device.lost.then(({ message }) => {
			const kind = /memory/i.test(message) ? 'out-of-memory' : 'device-lost';
			reject(new EngineError(kind, message || 'the GPU device was lost'));
		});
		return device;
	};
	return promise;
}
