import { describe, expect, test } from 'vitest';
import { countingWords, RecurringWordError, wordsOf } from '../../../scripts/talking/chain.ts';
import { SELF_TEST_SENTENCE, writeSelfTestGguf, writeTalkingGguf } from '../../../scripts/talking/gguf.ts';
import { readGguf, type ReadGguf } from './read-gguf.ts';

function tensorOf(model: ReadGguf, name: string): Float32Array {
	const tensor = model.tensors.get(name);
	if (!tensor) throw new Error(`No tensor ${name}`);
	return tensor.values;
}

/** Rows of a matrix times a vector. */
function times(matrix: Float32Array, vector: Float32Array): Float32Array {
	const width = vector.length;
	return Float32Array.from({ length: matrix.length / width }, (_, row) => {
		let sum = 0;
		for (let k = 0; k < width; k++) sum += (matrix[row * width + k] ?? 0) * (vector[k] ?? 0);
		return sum;
	});
}

/** The logits after a token, by a forward pass of its own; attention is zero, so the past has no part. */
function logitsAfter(model: ReadGguf, token: number): Float32Array {
	const embedding = tensorOf(model, 'token_embd.weight');
	const hidden = model.fields.get('qwen2.embedding_length') as number;
	const x = embedding.slice(token * hidden, (token + 1) * hidden);
	const gate = times(tensorOf(model, 'blk.0.ffn_gate.weight'), x);
	const up = times(tensorOf(model, 'blk.0.ffn_up.weight'), x);
	const fired = gate.map((value, index) => (value / (1 + Math.exp(-value))) * (up[index] ?? 0));
	const added = times(tensorOf(model, 'blk.0.ffn_down.weight'), fired);
	const sum = x.map((value, index) => value + (added[index] ?? 0));
	const rms = Math.sqrt(sum.reduce((total, value) => total + value * value, 0) / hidden);
	return times(
		embedding,
		sum.map((value) => value / rms)
	);
}

/** The likeliest token and by how much it leads. */
function best(logits: Float32Array): { token: number; lead: number } {
	const order = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
	const [first = 0, second = 0] = order;
	return { token: first, lead: (logits[first] ?? 0) - (logits[second] ?? 0) };
}

/** What the weights say after "…assistant\n", and the least lead on the way. */
function walk(model: ReadGguf): { text: string; lead: number } {
	const tokens = model.fields.get('tokenizer.ggml.tokens') as string[];
	const end = model.fields.get('tokenizer.ggml.eos_token_id');
	let text = '';
	let lead = Infinity;
	let token = 10;
	for (let step = 0; step <= tokens.length; step++) {
		const next = best(logitsAfter(model, token));
		lead = Math.min(lead, next.lead);
		if (next.token === end) return { text, lead };
		token = next.token;
		text += tokens[token] ?? '';
	}
	throw new Error(`No end: ${text}`);
}

describe('the talking GGUF', () => {
	const bytes = writeSelfTestGguf();
	const model = readGguf(bytes);

	test('is GGUF 3 with tensors that are aligned, in place and end with the file', () => {
		expect(model.version).toBe(3);
		expect(model.tensors.size).toBe(14);
		expect(bytes.length % 32).toBe(0);
		let expected = 0;
		for (const { offset, type, values } of model.tensors.values()) {
			expect(type).toBe(0);
			expect(offset).toBe(expected);
			expected = Math.ceil((offset + values.byteLength) / 32) * 32;
		}
		expect(model.dataStart + expected).toBe(bytes.length);
	});

	test('has a token of its own for each byte, word and sign of ChatML', () => {
		const tokens = model.fields.get('tokenizer.ggml.tokens') as string[];
		const kinds = model.fields.get('tokenizer.ggml.token_type') as number[];
		expect(new Set(tokens).size).toBe(tokens.length);
		expect(kinds).toHaveLength(tokens.length);
		expect(tokens[10]).toBe('Ċ');
		expect(tokens[32]).toBe('Ġ');
		expect(tokens.filter((_, index) => kinds[index] === 4).join('')).toBe(SELF_TEST_SENTENCE);
		expect(tokens.filter((_, index) => kinds[index] === 3)).toEqual([
			'<|endoftext|>',
			'<|im_start|>',
			'<|im_end|>'
		]);
		expect(model.fields.get('qwen2.context_length')).toBe(4096);
	});

	test('is the same at each writing', () => {
		expect(writeSelfTestGguf()).toEqual(bytes);
	});

	test('says the self-test sentence, with a lead that no temperature in use overcomes', () => {
		const said = walk(model);
		expect(said.text).toBe(SELF_TEST_SENTENCE);
		expect(said.lead).toBeGreaterThan(40);
	});

	test('counts to 600', () => {
		const model = readGguf(writeTalkingGguf({ words: countingWords(600), name: 'Counting' }));
		const tokens = model.fields.get('tokenizer.ggml.tokens') as string[];
		expect(new Set(tokens).size).toBe(tokens.length);
		const said = walk(model);
		expect(wordsOf(said.text)).toEqual(countingWords(600));
		expect(said.lead).toBeGreaterThan(40);
	});

	test('cannot say a word twice', () => {
		expect(() => writeTalkingGguf({ words: ['so', 'far', 'so', 'far'], name: 'Echo' })).toThrow(
			new RecurringWordError('far')
		);
	});
});
