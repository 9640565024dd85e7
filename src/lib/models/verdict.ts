/** Whether a build runs on a device, and which build to take: pure, and before any byte is fetched. */
import { QWEN2, QWEN25, type Build, type EngineName, type Model } from './catalogue.ts';
import type { Device, Gpu } from './device.ts';

/** Why a build cannot run here; the numbers are bytes. */
export type Obstacle =
	| { kind: 'no-webgpu'; detail: string }
	| { kind: 'no-f16' }
	| { kind: 'small-buffers'; needed: number; available: number }
	| { kind: 'little-memory'; needed: number; available: number }
	| { kind: 'no-browser-model' }
	| { kind: 'no-storage'; detail: string }
	| { kind: 'no-room'; needed: number; free: number };

export type Verdict = { kind: 'runs' } | { kind: 'cannot'; reason: Obstacle };

/** What a person may prefer in the settings. */
export type EnginePreference = 'auto' | Exclude<EngineName, 'builtin'>;

/** Why this build was chosen; `instead-of` names the build that was wanted and what was in its way. */
export type ChoiceReason =
	{ kind: 'best' } | { kind: 'preferred' } | { kind: 'instead-of'; build: Build; obstacle: Obstacle };

export type Choice =
	| { kind: 'build'; build: Build; reason: ChoiceReason }
	| { kind: 'none'; refused: { build: Build; reason: Obstacle }[] };

/** A browser that reports 8 GiB may have more; below that the number is good enough to refuse by. */
const MEMORY_CEILING = 8 * 1024 ** 3;

/**
 * Whether the build runs on the device.
 * @param have bytes of it that are already on the device, so that a stored model needs no room
 */
export function verdict(build: Build, device: Device, have = 0): Verdict {
	const reason = processorObstacle(build, device) ?? roomObstacle(build, device, have);
	return reason ? { kind: 'cannot', reason } : { kind: 'runs' };
}

/**
 * The build to run: on the GPU where it can, else on the CPU; the preferred engine's first if it can.
 * @param have bytes of a build already on the device
 */
export function chooseBuild(
	model: Model,
	device: Device,
	preference: EnginePreference,
	have: (build: Build) => number = () => 0
): Choice {
	const refused: { build: Build; reason: Obstacle }[] = [];
	for (const build of ranked(model, preference)) {
		const result = verdict(build, device, have(build));
		if (result.kind === 'cannot') refused.push({ build, reason: result.reason });
		else return { kind: 'build', build, reason: choiceReason(build, preference, refused[0]) };
	}
	return { kind: 'none', refused };
}

/**
 * The id of the model to propose: Qwen2, or on a GPU without shader-f16 the Qwen2.5 build that runs there,
 * for Qwen2 has none.
 */
export function defaultModel(device: Device): string {
	return device.gpu.kind === 'ready' && !device.gpu.f16 ? QWEN25 : QWEN2;
}

function ranked(model: Model, preference: EnginePreference): Build[] {
	const first = preference === 'auto' ? 'webllm' : preference;
	const isFirst = (build: Build) => build.engine === first;
	return [...model.builds.filter(isFirst), ...model.builds.filter((build) => !isFirst(build))];
}

function choiceReason(
	build: Build,
	preference: EnginePreference,
	passedOver: { build: Build; reason: Obstacle } | undefined
): ChoiceReason {
	if (passedOver) return { kind: 'instead-of', build: passedOver.build, obstacle: passedOver.reason };
	return build.engine === preference ? { kind: 'preferred' } : { kind: 'best' };
}

function processorObstacle(build: Build, device: Device): Obstacle | undefined {
	switch (build.engine) {
		case 'webllm':
			return gpuObstacle(build, device.gpu);
		case 'wllama':
			return memoryObstacle(build, device.memory);
		case 'builtin':
			return (device.browserModel ?? 'unavailable') === 'unavailable'
				? { kind: 'no-browser-model' }
				: undefined;
	}
}

function gpuObstacle(build: Build, gpu: Gpu): Obstacle | undefined {
	if (gpu.kind === 'none') return { kind: 'no-webgpu', detail: gpu.detail };
	if (build.needs.f16 && !gpu.f16) return { kind: 'no-f16' };
	const available = Math.min(gpu.maxBufferSize, gpu.maxStorageBufferBindingSize);
	const needed = build.needs.maxBufferSize ?? 0;
	return needed > available ? { kind: 'small-buffers', needed, available } : undefined;
}

function memoryObstacle(build: Build, memory: number | undefined): Obstacle | undefined {
	if (memory === undefined || memory >= MEMORY_CEILING || build.memory <= memory) return undefined;
	return { kind: 'little-memory', needed: build.memory, available: memory };
}

function roomObstacle(build: Build, device: Device, have: number): Obstacle | undefined {
	const needed = Math.max(0, build.bytes - have);
	if (needed === 0) return undefined;
	if (device.storage.kind === 'none') return { kind: 'no-storage', detail: device.storage.detail };
	const { free } = device.storage;
	return needed > free ? { kind: 'no-room', needed, free } : undefined;
}
