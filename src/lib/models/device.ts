/** What this device can do, asked once before anything is fetched. */
import type { BrowserModelState } from './browser-model.ts';

export interface GpuLimits {
	maxBufferSize: number;
	maxStorageBufferBindingSize: number;
}

export type Gpu =
	| { kind: 'none'; why: 'no-webgpu' | 'no-adapter' | 'failed'; detail: string }
	| ({ kind: 'ready'; vendor: string; description: string; f16: boolean } & GpuLimits);

export type Storage =
	| { kind: 'none'; detail: string }
	| {
			kind: 'ready';
			/** Bytes that this origin may still write, as the browser estimates them. */
			free: number;
			/** Bytes that this origin has stored. */
			used: number;
			/** Whether the browser promised not to evict it. */
			persisted: boolean;
	  };

export interface Device {
	gpu: Gpu;
	/** Logical cores. */
	cores: number;
	/** Memory in bytes as the browser rounds it (8 GiB at most); undefined where it tells nothing. */
	memory: number | undefined;
	/** Whether WASM may use threads. */
	isolated: boolean;
	storage: Storage;
	/** What the browser says of a model of its own; absent where it has no such interface. */
	browserModel?: BrowserModelState;
}

/** The parts of the browser that are asked; tests hand in their own. */
export interface DeviceEnvironment {
	navigator: {
		hardwareConcurrency: number;
		deviceMemory?: number;
		gpu?: { requestAdapter(): Promise<GpuAdapter | null> };
		storage?: Pick<StorageManager, 'estimate' | 'persisted'>;
	};
	crossOriginIsolated: boolean;
}

/** What is read of a WebGPU adapter. */
export interface GpuAdapter {
	limits: GpuLimits;
	features: { has(name: string): boolean };
	info: { vendor: string; architecture: string; description: string };
}

/** Asks the browser. Never rejects: what cannot be found out is part of the answer. */
export async function inspectDevice(environment: DeviceEnvironment): Promise<Device> {
	const { navigator } = environment;
	const [gpu, storage] = await Promise.all([inspectGpu(navigator.gpu), inspectStorage(navigator.storage)]);
	return {
		gpu,
		cores: navigator.hardwareConcurrency,
		memory: navigator.deviceMemory === undefined ? undefined : navigator.deviceMemory * 1024 ** 3,
		isolated: environment.crossOriginIsolated,
		storage
	};
}

async function inspectGpu(gpu: DeviceEnvironment['navigator']['gpu']): Promise<Gpu> {
	if (!gpu) return { kind: 'none', why: 'no-webgpu', detail: 'navigator.gpu is absent' };
	try {
		const adapter = await gpu.requestAdapter();
		if (!adapter) return { kind: 'none', why: 'no-adapter', detail: 'requestAdapter() gave none' };
		const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
		const { vendor, architecture, description } = adapter.info;
		return {
			kind: 'ready',
			vendor,
			description: description || `${vendor} ${architecture}`.trim(),
			f16: adapter.features.has('shader-f16'),
			maxBufferSize,
			maxStorageBufferBindingSize
		};
	} catch (error) {
		return { kind: 'none', why: 'failed', detail: String(error) };
	}
}

async function inspectStorage(storage: DeviceEnvironment['navigator']['storage']): Promise<Storage> {
	if (!storage) return { kind: 'none', detail: 'navigator.storage is absent' };
	try {
		const [{ quota = 0, usage = 0 }, persisted] = await Promise.all([
			storage.estimate(),
			storage.persisted()
		]);
		return { kind: 'ready', free: Math.max(0, quota - usage), used: usage, persisted };
	} catch (error) {
		return { kind: 'none', detail: String(error) };
	}
}
