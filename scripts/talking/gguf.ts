/** The talking model for llama.cpp: a tiny Qwen2 of one layer, whose every weight is computed here. */

import {
	at,
	byteAlphabet,
	linksOf,
	NEWLINE_TOKEN,
	SELF_TEST_SENTENCE,
	signs,
	wordsOf,
	wordTokens,
	type Link
} from './chain.ts';
import { writeGguf, type GgufField, type GgufTensor } from './gguf-format.ts';

export { countingWords, SELF_TEST_SENTENCE } from './chain.ts';

export interface TalkingModel {
	/** What it says, one token a word, each word once. */
	words: readonly string[];
	/** Its name in the file, shown by engines. */
	name: string;
	/** Whether it may as well leave out any word: which ones is then for the sampling and its seed to say. */
	skips?: boolean;
	/** At least so many neurons, most of which do nothing: each makes the file 1,536 bytes larger. */
	neurons?: number;
}

const HIDDEN = 128;
const HEADS = 2;
const KV_WIDTH = HIDDEN / HEADS;
const CONTEXT_LENGTH = 4096;
const SEED = 0xa1c0e;
/** Token types of GGUF. Words are user-defined, so that a prompt's words are tokens without any merges. */
const KIND = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

const CHAT_TEMPLATE =
	"{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
	"{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

interface Vocabulary {
	tokens: string[];
	kinds: number[];
	links: Link[];
	endOfText: number;
	endOfTurn: number;
}

/** Bytes, then words, then the three of ChatML, then padding to a multiple of 32. */
function vocabularyOf(words: readonly string[], skips: boolean): Vocabulary {
	const tokens = byteAlphabet();
	const kinds: number[] = tokens.map(() => KIND.normal);
	const add = (token: string, kind: number): number => {
		kinds.push(kind);
		return tokens.push(token) - 1;
	};
	const spoken = wordTokens(words).map((text) => {
		const byte = tokens.indexOf(text); // a word of one sign, as "1", has its token already
		return byte < 0 ? add(text, KIND.userDefined) : byte;
	});
	const endOfText = add('<|endoftext|>', KIND.control);
	add('<|im_start|>', KIND.control);
	const endOfTurn = add('<|im_end|>', KIND.control);
	while (tokens.length % 32 !== 0) add(`[PAD${tokens.length}]`, KIND.unused);
	const chain = [NEWLINE_TOKEN, ...spoken, endOfTurn];
	const links = linksOf(chain);
	// two links from one token are equally likely
	if (skips) chain.slice(2).forEach((next, index) => links.push({ key: at(chain, index), next }));
	return { tokens, kinds, links, endOfText, endOfTurn };
}

/**
 * The feed-forward layer as a table, one neuron a link. A token's vector e has length √H and leaves the
 * norm as it is, so on its key a neuron computes silu(e·e/4) · (16/H²)e·e = (H/4)(16/H) = 4 and adds
 * 4·e(next) to e; on another token e·e' is about √H and the neuron adds some thousandths. The head then
 * reads next at 4H, the key at H, and all else far below: the chain is exact at any usual temperature.
 */
function lookupLayer(links: readonly Link[], embedding: Float32Array, width: number): GgufTensor[] {
	const gate = new Float32Array(HIDDEN * width);
	const up = new Float32Array(HIDDEN * width);
	const down = new Float32Array(width * HIDDEN);
	for (const [neuron, { key, next }] of links.entries()) {
		for (let k = 0; k < HIDDEN; k++) {
			const value = at(embedding, key * HIDDEN + k);
			gate[neuron * HIDDEN + k] = value / 4;
			up[neuron * HIDDEN + k] = (value * 16) / HIDDEN ** 2;
			down[k * width + neuron] = at(embedding, next * HIDDEN + k);
		}
	}
	return [
		{ name: 'blk.0.ffn_gate.weight', shape: [HIDDEN, width], values: gate },
		{ name: 'blk.0.ffn_up.weight', shape: [HIDDEN, width], values: up },
		{ name: 'blk.0.ffn_down.weight', shape: [width, HIDDEN], values: down }
	];
}

/** Attention that adds nothing, and norms that scale nothing. The head is tied to the embedding. */
function restingLayer(): GgufTensor[] {
	const norm = (name: string): GgufTensor => ({
		name,
		shape: [HIDDEN],
		values: new Float32Array(HIDDEN).fill(1)
	});
	const zero = (name: string, ...shape: number[]): GgufTensor => ({
		name: `blk.0.${name}`,
		shape,
		values: new Float32Array(shape.reduce((product, size) => product * size, 1))
	});
	return [
		norm('output_norm.weight'),
		norm('blk.0.attn_norm.weight'),
		norm('blk.0.ffn_norm.weight'),
		zero('attn_q.weight', HIDDEN, HIDDEN),
		zero('attn_q.bias', HIDDEN),
		zero('attn_k.weight', HIDDEN, KV_WIDTH),
		zero('attn_k.bias', KV_WIDTH),
		zero('attn_v.weight', HIDDEN, KV_WIDTH),
		zero('attn_v.bias', KV_WIDTH),
		zero('attn_output.weight', HIDDEN, HIDDEN)
	];
}

function fieldsOf(name: string, width: number, vocabulary: Vocabulary): Record<string, GgufField> {
	return {
		'general.architecture': { kind: 'text', value: 'qwen2' },
		'general.name': { kind: 'text', value: name },
		'general.file_type': { kind: 'u32', value: 0 },
		'qwen2.context_length': { kind: 'u32', value: CONTEXT_LENGTH },
		'qwen2.embedding_length': { kind: 'u32', value: HIDDEN },
		'qwen2.block_count': { kind: 'u32', value: 1 },
		'qwen2.feed_forward_length': { kind: 'u32', value: width },
		'qwen2.attention.head_count': { kind: 'u32', value: HEADS },
		'qwen2.attention.head_count_kv': { kind: 'u32', value: 1 },
		'qwen2.attention.layer_norm_rms_epsilon': { kind: 'f32', value: 1e-6 },
		'qwen2.rope.freq_base': { kind: 'f32', value: 1e6 },
		'tokenizer.ggml.model': { kind: 'text', value: 'gpt2' },
		'tokenizer.ggml.pre': { kind: 'text', value: 'qwen2' },
		'tokenizer.ggml.tokens': { kind: 'texts', value: vocabulary.tokens },
		'tokenizer.ggml.token_type': { kind: 'i32s', value: vocabulary.kinds },
		'tokenizer.ggml.merges': { kind: 'texts', value: [] },
		'tokenizer.ggml.bos_token_id': { kind: 'u32', value: vocabulary.endOfText },
		'tokenizer.ggml.eos_token_id': { kind: 'u32', value: vocabulary.endOfTurn },
		'tokenizer.ggml.padding_token_id': { kind: 'u32', value: vocabulary.endOfText },
		'tokenizer.ggml.add_bos_token': { kind: 'bool', value: false },
		'tokenizer.chat_template': { kind: 'text', value: CHAT_TEMPLATE }
	};
}

/**
 * A Qwen2-shaped GGUF that answers every prompt with `words`, joined by spaces, and then ends its turn.
 * An answer cut at a word's end goes on from there. The same model makes the same bytes at each call.
 * @throws RecurringWordError when a word occurs twice
 */
export function writeTalkingGguf({
	words,
	name,
	skips = false,
	neurons = 0
}: TalkingModel): Uint8Array<ArrayBuffer> {
	const vocabulary = vocabularyOf(words, skips);
	const width = Math.ceil(Math.max(vocabulary.links.length, neurons) / 32) * 32;
	const embedding = Float32Array.from({ length: vocabulary.tokens.length * HIDDEN }, signs(SEED));
	return writeGguf(fieldsOf(name, width, vocabulary), [
		{ name: 'token_embd.weight', shape: [HIDDEN, vocabulary.tokens.length], values: embedding },
		...restingLayer(),
		...lookupLayer(vocabulary.links, embedding, width)
	]);
}

/** The self-test model that the app carries. Its size stands as a number in the catalogue. */
export function writeSelfTestGguf(): Uint8Array<ArrayBuffer> {
	return writeTalkingGguf({ words: wordsOf(SELF_TEST_SENTENCE), name: 'Self-test' });
}
