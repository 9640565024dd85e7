import { bytes, count, decimal } from '#lib/i18n/format.ts';
import * as m from '#lib/i18n/paraglide/messages.js';
import type { Device } from '#lib/models/device.ts';
import type { Details, Outlook } from '#lib/models/preflight.ts';
import type { Measured } from '#lib/models/speed.ts';
import { obstacleWords } from './model-words.ts';

interface Fact {
	name: string;
	value: string;
}

/** What the device has, line by line. */
export function factWords(device: Device, details: Details, locale: string): Fact[] {
	return [
		...gpuFacts(device, locale),
		...processorFacts(device, locale),
		...storageFacts(device, locale),
		networkFact(details, locale)
	];
}

function gpuFacts({ gpu }: Device, locale: string): Fact[] {
	if (gpu.kind === 'none')
		return [{ name: m.device_gpu(), value: m.models_gpu_none({ detail: gpu.detail }) }];
	return [
		{ name: m.device_gpu(), value: gpu.description },
		{ name: m.device_f16(), value: gpu.f16 ? m.device_yes() : m.device_no() },
		{
			name: m.device_buffer(),
			value: bytes(Math.min(gpu.maxBufferSize, gpu.maxStorageBufferBindingSize), locale)
		}
	];
}

function processorFacts({ cores, memory, isolated }: Device, locale: string): Fact[] {
	return [
		{ name: m.device_cores(), value: count(cores, locale) },
		{ name: m.device_threads(), value: isolated ? m.device_yes() : m.models_threads_off() },
		{
			name: m.models_memory(),
			value: memory === undefined ? m.device_untold() : m.device_at_least({ size: bytes(memory, locale) })
		}
	];
}

function storageFacts({ storage }: Device, locale: string): Fact[] {
	if (storage.kind === 'none')
		return [{ name: m.device_free(), value: m.models_room_none({ detail: storage.detail }) }];
	return [
		{ name: m.device_free(), value: bytes(storage.free, locale) },
		{ name: m.device_persisted(), value: storage.persisted ? m.device_yes() : m.device_not_persisted() }
	];
}

function networkFact({ network }: Details, locale: string): Fact {
	const name = m.device_network();
	if (!network) return { name, value: m.device_untold() };
	const { type, saveData, downlink } = network;
	const parts = [
		...(type ? [type] : []),
		...(downlink === undefined ? [] : [m.device_downlink({ count: decimal(downlink, locale) })]),
		...(saveData ? [m.device_save_data()] : type === 'cellular' ? [m.device_metered()] : [])
	];
	return { name, value: parts.join(', ') || m.device_untold() };
}

/** What was measured. */
export function measuredWords({ gpu, cpu }: Measured, locale: string): string[] {
	return [
		...(gpu
			? [
					m.device_gpu_measured({
						bandwidth: bytes(gpu.bandwidth, locale),
						dispatch: decimal(gpu.dispatch * 1e6, locale)
					})
				]
			: []),
		...(cpu
			? [
					m.device_cpu_measured({
						bandwidth: bytes(cpu.bandwidth, locale),
						threads: count(cpu.threads, locale)
					})
				]
			: [])
	];
}

/** How a model would run here: how well or why not, how many bytes, how fast at most. */
export function outlookWords(outlook: Outlook, locale: string): string {
	if (outlook.kind === 'not') {
		const reasons = outlook.reasons.map((reason) => obstacleWords(reason, locale));
		return m.models_cannot({ reason: [...new Set(reasons)].join('; ') });
	}
	const { build } = outlook;
	const size = build.approximate
		? m.models_about({ size: bytes(build.bytes, locale) })
		: bytes(build.bytes, locale);
	if (build.engine === 'builtin') return m.models_runs_browser();
	const engine = build.engine === 'webllm' ? m.models_runs_gpu() : m.models_runs_cpu();
	if (outlook.kind === 'runs') return m.device_runs({ engine, size });
	const speed = decimal(outlook.speed, locale);
	return outlook.kind === 'well'
		? m.device_runs_well({ engine, size, speed })
		: m.device_runs_slowly({ engine, size, speed });
}
