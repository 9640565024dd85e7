/// <reference types="@webgpu/types" />
/**
 * Stands in for WebLLM where no library is at hand: it says its words by a real device, a dispatch a word, watched as
 * WebLLM's is, and waits forever once that is gone. Its own name says what befalls the device: "load", "prefill",
 * "decode 7" (at that word of a reply), "memory" (a buffer for which there is no room), or nothing.
 */
import type { Backend, ReplyEnd } from '#lib/engine/backend.ts';
import type { EngineModel, Loaded, OnProgress, ReplyOptions, Turn } from '#lib/engine/engine.ts';
import { serve } from '#lib/engine/serve.ts';
import { watchGpu } from '#lib/engine/webllm/gpu.ts';
import { GPU_WORDS } from './gpu-words.ts';

const [fate, word] = self.name.split(' ');

const SHADER = `
@group(0) @binding(0) var<storage, read_write> said: array<u32>;
@compute @workgroup_size(1)
fn next() { said[0] += 1u; }`;

/** As the library does it: what a buffer lacks is asked of error scopes, and then the device is destroyed. */
function makeBuffer(device: GPUDevice, descriptor: GPUBufferDescriptor): GPUBuffer {
	device.pushErrorScope('out-of-memory');
	const buffer = device.createBuffer(descriptor);
	void device.popErrorScope().then((error) => {
		if (error) device.destroy();
	});
	return buffer;
}

class GpuTalker implements Backend {
	readonly #lost: Promise<never>;
	#device: GPUDevice | undefined;
	#say: ((after: number) => Promise<number>) | undefined;

	constructor(lost: Promise<never>) {
		this.#lost = lost;
	}

	async load(model: EngineModel, onProgress: OnProgress): Promise<Loaded> {
		const adapter = await navigator.gpu.requestAdapter();
		if (!adapter) throw new Error('there is no adapter');
		const device = (this.#device = await adapter.requestDevice());
		onProgress(0.5);
		if (fate === 'load') device.destroy();
		this.#say = await Promise.race([build(device), this.#lost]);
		return { device: 'gpu', detail: 'a device', contextWindow: model.contextWindow };
	}

	async *reply(
		_: Turn[],
		{ prefix = '', signal }: ReplyOptions
	): AsyncGenerator<string, ReplyEnd, undefined> {
		const end: ReplyEnd = { promptTokens: 1, cachedTokens: 0, completionTokens: 0, reason: 'end' };
		if (fate === 'prefill') this.#device?.destroy();
		for (let at = countOf(prefix); at < GPU_WORDS.length; end.completionTokens++) {
			if (signal.aborted) return { ...end, reason: 'aborted' };
			if (fate === 'decode' && end.completionTokens === Number(word)) this.#device?.destroy();
			const next = await Promise.race([this.#say?.(at), this.#lost]);
			at = next ?? 0;
			yield (at > 1 ? ' ' : '') + (GPU_WORDS[at - 1] ?? '');
		}
		return end;
	}

	countTokens(texts: string[]): Promise<number[]> {
		return Promise.resolve(texts.map(countOf));
	}

	unload(): Promise<void> {
		this.#device?.destroy();
		return Promise.resolve();
	}
}

function countOf(text: string): number {
	return text === '' ? 0 : text.trim().split(' ').length;
}

/** What counts the words on the device; it never comes back from one that is gone. */
async function build(device: GPUDevice): Promise<(after: number) => Promise<number>> {
	const module = device.createShaderModule({ code: SHADER });
	const pipeline = await orNever(
		device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'next' } })
	);
	const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
	const said = makeBuffer(device, { size: 4, usage: STORAGE | COPY_SRC | COPY_DST });
	const read = makeBuffer(device, { size: 4, usage: MAP_READ | COPY_DST });
	const layout = pipeline.getBindGroupLayout(0);
	const group = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: said } }] });
	return async (after) => {
		device.queue.writeBuffer(said, 0, new Uint32Array([after]));
		const encoder = device.createCommandEncoder();
		const pass = encoder.beginComputePass();
		pass.setPipeline(pipeline);
		pass.setBindGroup(0, group);
		pass.dispatchWorkgroups(1);
		pass.end();
		encoder.copyBufferToBuffer(said, 0, read, 0, 4);
		device.queue.submit([encoder.finish()]);
		await orNever(read.mapAsync(GPUMapMode.READ));
		const [at = 0] = new Uint32Array(read.getMappedRange().slice(0));
		read.unmap();
		return at;
	};
}

/** The library hangs where the browser refuses. */
function orNever<T>(work: Promise<T>): Promise<T> {
	return work.catch(() => new Promise<never>(() => undefined));
}

if (fate === 'memory') {
	// no test can fill a machine's memory; the browser's answer where it is full is this one
	const { popErrorScope } = GPUDevice.prototype;
	GPUDevice.prototype.popErrorScope = async function () {
		await popErrorScope.call(this);
		return new GPUOutOfMemoryError('no room for a buffer');
	};
}
serve(self, new GpuTalker(watchGpu()));
