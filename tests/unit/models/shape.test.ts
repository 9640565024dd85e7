import { prebuiltAppConfig } from '@mlc-ai/web-llm';
import { describe, expect, test } from 'vitest';
import { FAMILIES } from '#lib/models/families.ts';
import { kvBytes, parameters, weightBytes } from '#lib/models/shape.ts';

const shapeOf = (id: string) => {
	const found = FAMILIES.find((model) => model.id === id);
	if (!found) throw new Error(`no model ${id}`);
	return found.shape;
};

describe('the sums of a shape', () => {
	test('are those of Qwen2 0.5B, as its compiled libraries carry them', () => {
		const shape = shapeOf('qwen2-0.5b-instruct');
		expect(parameters(shape)).toBe(494_032_768);
		expect(weightBytes(shape, 'q4f16_1')).toBe(277_996_288);
		expect(weightBytes(shape, 'q4f32_1')).toBe(309_011_968);
		expect(kvBytes(shape)).toBe(12_288);
	});

	test.each([
		['qwen2.5-1.5b-instruct', 1_543_714_304],
		['qwen2.5-3b-instruct', 3_085_938_688],
		['qwen3-0.6b', 596_049_920],
		['qwen3-1.7b', 1_720_574_976],
		['qwen3-4b', 4_022_468_096],
		['llama-3.2-1b-instruct', 1_235_814_400],
		['llama-3.2-3b-instruct', 3_212_749_824],
		['smollm2-135m-instruct', 134_515_008],
		['smollm2-360m-instruct', 361_821_120],
		['smollm2-1.7b-instruct', 1_711_376_384],
		['gemma-3-1b-it', 999_885_952],
		['gemma-2-2b-it', 2_614_341_888]
	])('give %s as many parameters as its maker publishes', (id, count) => {
		expect(parameters(shapeOf(id))).toBe(count);
	});

	test.each(
		FAMILIES.flatMap(({ gpu, shape }) => gpu.builds.map((build) => ({ name: gpu.name, shape, ...build })))
	)(
		'of $name $quantization fit into the memory that the installed WebLLM names',
		({ name, shape, quantization, vram }) => {
			const id = `${name}-${quantization}-MLC`;
			const listed = prebuiltAppConfig.model_list.find(({ model_id }) => model_id === id);
			expect(listed?.vram_required_MB).toBe(vram);
			const weights = weightBytes(shape, quantization) / 1024 ** 2;
			expect(weights).toBeLessThan(vram);
			expect(weights).toBeGreaterThan(vram / 6);
		}
	);
});
