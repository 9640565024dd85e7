/** More of a device than a verdict needs: what helps whoever reads a report of a failure. */
import type { Build, Model } from './catalogue.ts';
import type { Device } from './device.ts';
import { isFast, type Measured, predict } from './speed.ts';
import { chooseBuild, type Obstacle } from './verdict.ts';

/** The network, as far as the browser tells. */
export interface Network {
	/** "wifi", "cellular" or what else it is, where that is told. */
	type?: string;
	/** The person asked for few bytes. */
	saveData: boolean;
	/** Megabits a second, as the browser guesses. */
	downlink?: number;
}

/** The GPU in numbers; undefined where there is none. */
export interface GpuDetails {
	architecture: string;
	features: string[];
	limits: Record<string, number>;
}

export interface Details {
	browser: string;
	network: Network | undefined;
	gpu: GpuDetails | undefined;
}

/** The parts of the browser that are asked; tests hand in their own. */
export interface DetailsEnvironment {
	userAgent: string;
	connection?: { type?: string; saveData?: boolean; downlink?: number };
	gpu?: { requestAdapter(): Promise<DetailedAdapter | null> };
}

interface DetailedAdapter {
	limits: object;
	features: Iterable<string>;
	info: { architecture: string };
}

/** The limits that decide whether a model's tensors and kernels fit. */
const LIMITS = [
	'maxBufferSize',
	'maxStorageBufferBindingSize',
	'maxStorageBuffersPerShaderStage',
	'maxComputeWorkgroupStorageSize',
	'maxComputeInvocationsPerWorkgroup',
	'maxComputeWorkgroupSizeX',
	'maxComputeWorkgroupsPerDimension'
];

/** Asks the browser. Never rejects: what cannot be found out is left out. */
export async function inspectDetails(environment: DetailsEnvironment): Promise<Details> {
	const { userAgent, connection, gpu } = environment;
	return {
		browser: userAgent,
		network: connection && networkOf(connection),
		gpu: gpu && (await gpuOf(gpu))
	};
}

/** The network, as far as the browser tells. */
export function networkOf({
	type,
	saveData = false,
	downlink
}: NonNullable<DetailsEnvironment['connection']>): Network {
	return { saveData, ...(type ? { type } : {}), ...(downlink === undefined ? {} : { downlink }) };
}

async function gpuOf(gpu: NonNullable<DetailsEnvironment['gpu']>): Promise<GpuDetails | undefined> {
	const adapter = await gpu.requestAdapter().catch(() => null);
	if (!adapter) return undefined;
	const limits = LIMITS.flatMap((name) => {
		const value: unknown = Reflect.get(adapter.limits, name);
		return typeof value === 'number' ? [[name, value] as const] : [];
	});
	return {
		architecture: adapter.info.architecture,
		features: [...adapter.features].sort(),
		limits: Object.fromEntries(limits)
	};
}

/** What a model would be like here. Speeds are tokens a second, at most. */
export type Outlook =
	| { kind: 'runs'; build: Build }
	| { kind: 'well' | 'slowly'; build: Build; speed: number }
	| { kind: 'not'; reasons: Obstacle[] };

/** The outlook of a model on a device, with what was measured of it so far. */
export function outlookOf(
	model: Model,
	device: Device,
	measured: Measured,
	have: (build: Build) => number = () => 0
): Outlook {
	const choice = chooseBuild(model, device, 'auto', have);
	if (choice.kind === 'none') return { kind: 'not', reasons: choice.refused.map(({ reason }) => reason) };
	const speed = predict(choice.build, measured);
	if (speed === undefined) return { kind: 'runs', build: choice.build };
	return { kind: isFast(speed) ? 'well' : 'slowly', build: choice.build, speed };
}

/** Everything as lines of plain text, in words that need no translation, for a report of a failure. */
export function report(
	device: Device,
	details: Details,
	measured: Measured,
	outlooks: { model: Model; outlook: Outlook }[]
): string {
	const facts: Record<string, unknown> = { device, ...details, measured };
	const models = outlooks.map(({ model, outlook }) => {
		if (outlook.kind === 'not')
			return [model.id, `not (${outlook.reasons.map(({ kind }) => kind).join(', ')})`];
		const { build } = outlook;
		const speed = 'speed' in outlook ? `, at most ${outlook.speed.toFixed(1)} tokens/s` : '';
		const size = `${build.approximate ? 'about ' : ''}${(build.bytes / 1e6).toFixed(1)} MB`;
		return [model.id, `${outlook.kind} (${build.id}, ${build.engine}, ${size}${speed})`];
	});
	return [...lines(facts), ...models.map((pair) => pair.join(': '))].join('\n');
}

/** "a.b: value" for each value, however deep. */
function lines(value: unknown, path = ''): string[] {
	if (typeof value !== 'object' || value === null) return [`${path}: ${String(value)}`];
	if (Array.isArray(value)) return [`${path}: ${value.join(' ')}`];
	return Object.entries(value).flatMap(([key, entry]) => lines(entry, path ? `${path}.${key}` : key));
}
