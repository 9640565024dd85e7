import { describe, expect, test } from 'vitest';
import { GgufError } from '#lib/models/errors.ts';
import { readGguf } from '#lib/models/gguf.ts';
import { writeGguf } from '../../../scripts/talking/gguf-format.ts';
import { writeSelfTestGguf } from '../../../scripts/talking/gguf.ts';

const whole = writeSelfTestGguf();

async function failureOf(bytes: Uint8Array<ArrayBuffer>) {
	const error: unknown = await readGguf(new Blob([bytes])).catch((reason: unknown) => reason);
	if (error instanceof GgufError) return error.failure;
	throw new Error(`expected a GgufError, not ${String(error)}`);
}

describe('the head of a GGUF', () => {
	test('tells name, architecture and context', async () => {
		expect(await readGguf(new Blob([whole]))).toMatchObject({
			name: expect.any(String) as string,
			architecture: 'qwen2',
			contextLength: 4096,
			layers: 1
		});
	});

	test('shows a file that ends too early, at every place', async () => {
		expect(await failureOf(whole.slice(0, -1))).toEqual({
			kind: 'truncated',
			expected: whole.length,
			got: whole.length - 1
		});
		for (const at of [4, 5, 30, 2000]) expect((await failureOf(whole.slice(0, at))).kind).toBe('truncated');
	});

	test.each([
		['another file', new TextEncoder().encode('ALCOVEM1 and more')],
		['an empty file', new Uint8Array()]
	])('refuses %s', async (_name, bytes) => {
		expect(await failureOf(bytes)).toEqual({ kind: 'not-one' });
	});

	test('refuses one part of several', async () => {
		const part = writeGguf(
			{
				'general.architecture': { kind: 'text', value: 'llama' },
				'split.count': { kind: 'u32', value: 3 }
			},
			[]
		);
		expect(await failureOf(part)).toEqual({ kind: 'split', parts: 3 });
	});
});
