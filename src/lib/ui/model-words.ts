import type { ShelfEntry } from '#lib/chat/shelf.svelte.ts';
import { bytes, count, decimal, duration } from '#lib/i18n/format.ts';
import * as m from '#lib/i18n/paraglide/messages.js';
import { DeliveryError, type DeliveryFailure } from '#lib/models/errors.ts';
import type { Device } from '#lib/models/device.ts';
import type { Network } from '#lib/models/preflight.ts';
import type { Obstacle } from '#lib/models/verdict.ts';

/** Why a build cannot run here. */
export function obstacleWords(obstacle: Obstacle, locale: string): string {
	switch (obstacle.kind) {
		case 'no-webgpu':
			return m.obstacle_no_webgpu({ detail: obstacle.detail });
		case 'no-f16':
			return m.obstacle_no_f16();
		case 'small-buffers':
			return m.obstacle_small_buffers(sizes(obstacle, locale));
		case 'little-memory':
			return m.obstacle_little_memory(sizes(obstacle, locale));
		case 'no-browser-model':
			return m.obstacle_no_browser_model();
		case 'no-storage':
			return m.obstacle_no_storage({ detail: obstacle.detail });
		case 'no-room':
			return m.obstacle_no_room({
				needed: bytes(obstacle.needed, locale),
				free: bytes(obstacle.free, locale)
			});
	}
}

function sizes({ needed, available }: { needed: number; available: number }, locale: string) {
	return { needed: bytes(needed, locale), available: bytes(available, locale) };
}

/** Why a download failed, and what to do. */
export function deliveryWords(error: unknown, locale: string): string {
	return m.delivery_failed({ reason: reasonWords(error, locale) });
}

/** How fast a model arrives and how long that will take, where it is known. */
export function paceWords(
	{ done, total, speed }: { done: number; total: number; speed: number | undefined },
	locale: string
): string {
	if (speed === undefined) return '';
	if (speed < 1) return m.models_no_pace();
	return m.models_pace({ speed: bytes(speed, locale), left: duration((total - done) / speed, locale) });
}

/** What a download of this size may cost, where the browser tells that it may. */
export function costWords(network: Network | undefined, size: string): string | undefined {
	if (network?.saveData) return m.models_cost_saver({ size });
	return network?.type === 'cellular' ? m.models_cost_mobile({ size }) : undefined;
}

/** Whether it was the person's own switch that stood in the way. */
export function isForbidden(error: unknown): boolean {
	return error instanceof DeliveryError && error.kind === 'no-network';
}

/** What stood in the way of a model's files. */
export function reasonWords(error: unknown, locale: string): string {
	if (error instanceof DeliveryError) return failureWords(error.failure, locale);
	return m.delivery_unknown({ detail: String(error) });
}

function failureWords(failure: DeliveryFailure, locale: string): string {
	switch (failure.kind) {
		case 'http':
			return m.delivery_http({ status: failure.status, url: failure.url });
		case 'not-what-was-asked':
			return m.delivery_wrong({ detail: `${failure.url}: ${failure.got}` });
		case 'truncated':
			return m.delivery_truncated({
				got: bytes(failure.got, locale),
				expected: bytes(failure.expected, locale)
			});
		case 'corrupt':
			return m.delivery_corrupt({ url: failure.url });
		case 'stalled':
			return m.delivery_stalled({ seconds: count(Math.round(failure.after / 1000), locale) });
		case 'unreachable':
			return m.delivery_unreachable({ url: failure.url });
		case 'no-network':
			return m.network_forbidden();
		case 'quota':
			return m.delivery_quota({
				needed: bytes(failure.needed, locale),
				free: failure.free === undefined ? '?' : bytes(failure.free, locale)
			});
		case 'no-storage':
			return m.delivery_no_storage();
		case 'browser-model':
			return m.delivery_browser_model({ detail: failure.detail });
		case 'aborted':
			return m.delivery_unknown({ detail: failure.kind });
	}
}

/** What the device has, line by line. */
export function deviceWords({ gpu, cores, isolated, storage }: Device, locale: string): string[] {
	const card =
		gpu.kind === 'none'
			? m.models_gpu_none({ detail: gpu.detail })
			: gpu.f16
				? m.models_gpu({ name: gpu.description })
				: m.models_gpu_no_f16({ name: gpu.description });
	const processor = m.models_cores({ count: count(cores, locale) });
	const room =
		storage.kind === 'none'
			? m.models_room_none({ detail: storage.detail })
			: m.models_room({ free: bytes(storage.free, locale) });
	return [card, isolated ? processor : `${processor} (${m.models_threads_off()})`, room];
}

/** How many numbers a model has learned: "494 M", "1.5 B". */
export function sizeWords(parameters: number, locale: string): string {
	if (parameters < 950_000_000)
		return m.models_parameters_small({ count: count(Math.round(parameters / 1e6), locale) });
	return m.models_parameters({ count: decimal(parameters / 1e9, locale) });
}

/** Languages by their names in the reader's own, from their BCP 47 tags. */
export function languageNames(tags: string[], locale: string): string {
	const names = new Intl.DisplayNames(locale, { type: 'language' });
	return new Intl.ListFormat(locale).format(tags.map((tag) => names.of(tag) ?? tag));
}

/** Which engine a model runs on and why, or why on none. */
export function choiceWords({ choice }: ShelfEntry, locale: string): string {
	if (choice.kind === 'none') {
		const reasons = choice.refused.map(({ reason }) => obstacleWords(reason, locale));
		return m.models_cannot({ reason: [...new Set(reasons)].join('; ') });
	}
	if (choice.build.engine === 'builtin') return m.models_runs_browser();
	const engine = choice.build.engine === 'webllm' ? m.models_runs_gpu() : m.models_runs_cpu();
	const { reason } = choice;
	if (reason.kind === 'preferred') return `${engine}: ${m.models_runs_preferred()}`;
	if (reason.kind === 'best') return `${engine}: ${m.models_runs_best()}`;
	const instead = m.models_runs_instead({
		quantization: choice.build.quantization,
		other: reason.build.quantization,
		reason: obstacleWords(reason.obstacle, locale)
	});
	return `${engine}: ${instead}`;
}
