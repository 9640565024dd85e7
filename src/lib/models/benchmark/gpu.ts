/** How fast the GPU reads its memory, and what a dispatch costs: a second or two of work. */

/** Past the caches of today's cards; less where the card allows no such buffer. */
const BUFFER = 256 * 1024 ** 2;
const WORKGROUPS = 1024;
const WIDTH = 256;
const DISPATCHES = 400;
/** Milliseconds that a measurement lasts at least, so that the clock's grain does not count. */
const LEAST = 150;
const MOST_PASSES = 256;

const SHADER = `
@group(0) @binding(0) var<storage, read> data: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;

@compute @workgroup_size(${WIDTH})
fn readAll(@builtin(global_invocation_id) id: vec3<u32>) {
	var sum = vec4<u32>();
	for (var i = id.x; i < arrayLength(&data); i += ${WORKGROUPS * WIDTH}u) { sum += data[i]; }
	sums[id.x] = sum.x ^ sum.y ^ sum.z ^ sum.w;
}

@compute @workgroup_size(1)
fn step() { sums[0] += 1u; }`;

/**
 * Measures by compute passes over a buffer.
 * @returns bandwidth in bytes a second, and seconds for one dispatch that waits for the one before
 * @throws Error where there is no GPU or it fails
 */
export async function measureGpu(gpu: GPU): Promise<{ bandwidth: number; dispatch: number }> {
	const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
	if (!adapter) throw new Error('requestAdapter() gave none');
	const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
	const size = Math.min(BUFFER, maxBufferSize, maxStorageBufferBindingSize);
	const limits = { maxBufferSize: size, maxStorageBufferBindingSize: size };
	const device = await adapter.requestDevice({ requiredLimits: limits });
	try {
		return await measureOn(device, size);
	} finally {
		device.destroy();
	}
}

async function measureOn(device: GPUDevice, size: number): Promise<{ bandwidth: number; dispatch: number }> {
	const module = device.createShaderModule({ code: SHADER });
	const data = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
	const sums = device.createBuffer({ size: WORKGROUPS * WIDTH * 4, usage: GPUBufferUsage.STORAGE });
	const make = async (entryPoint: string, buffers: [binding: number, buffer: GPUBuffer][]) => {
		const pipeline = await device.createComputePipelineAsync({
			layout: 'auto',
			compute: { module, entryPoint }
		});
		const entries = buffers.map(([binding, buffer]) => ({ binding, resource: { buffer } }));
		return { pipeline, group: device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }) };
	};
	const reader = await make('readAll', [
		[0, data],
		[1, sums]
	]);
	const stepper = await make('step', [[1, sums]]);

	/** Milliseconds for so many dispatches, each in a pass of its own as engines have them. */
	const time = async ({ pipeline, group }: typeof reader, times: number, groups: number) => {
		const start = performance.now();
		const encoder = device.createCommandEncoder();
		for (let index = 0; index < times; index += 1) {
			const pass = encoder.beginComputePass();
			pass.setPipeline(pipeline);
			pass.setBindGroup(0, group);
			pass.dispatchWorkgroups(groups);
			pass.end();
		}
		device.queue.submit([encoder.finish()]);
		await device.queue.onSubmittedWorkDone();
		return performance.now() - start;
	};

	await time(reader, 1, WORKGROUPS);
	await time(stepper, 1, 1);
	let passes = 1;
	let took = await time(reader, passes, WORKGROUPS);
	while (took < LEAST && passes < MOST_PASSES) took = await time(reader, (passes *= 2), WORKGROUPS);
	const dispatch = (await time(stepper, DISPATCHES, 1)) / DISPATCHES / 1000;
	return { bandwidth: (size * passes) / (took / 1000), dispatch };
}
