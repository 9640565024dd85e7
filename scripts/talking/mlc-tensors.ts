/**
 * Weights of the talking MLC model in the layout q4f32_1: rows of groups of 32, a f32 scale a group,
 * eight nibbles a uint32, lowest first, each worth (nibble − 7) · scale. So ±1 is exact.
 */

import { at, signs, type Link } from './chain.ts';
import type { LibraryParam } from './library.ts';

const NIBBLES = 8;
const GROUP = 32;
const ZERO = 7;
const ALL_ZERO = 0x77777777;
const SEED = 0xa1c0e;

export interface TensorPlan {
	links: readonly Link[];
	/** A token's vector of ±1. */
	vectors: ReadonlyMap<number, readonly number[]>;
	/** Width of the residual stream and of the feed-forward layer. */
	hidden: number;
	width: number;
}

/** A vector of ±1 for each id. */
export function vectorsOf(ids: readonly number[], hidden: number): Map<number, number[]> {
	const sign = signs(SEED);
	return new Map(ids.map((id) => [id, Array.from({ length: hidden }, sign)]));
}

function vectorOf({ vectors }: TensorPlan, id: number): readonly number[] {
	const vector = vectors.get(id);
	if (!vector) throw new RangeError(`Token ${id} has no vector`);
	return vector;
}

/** Writes a row of small integers into the words of a quantized matrix. */
function packRow(target: Uint32Array, row: number, values: ArrayLike<number>): void {
	const words = values.length / NIBBLES;
	for (let word = 0; word < words; word++) {
		let bits = 0;
		for (let k = 0; k < NIBBLES; k++) bits |= (ZERO + at(values, word * NIBBLES + k)) << (4 * k);
		target[row * words + word] = bits;
	}
}

function fillRow(target: Float32Array, row: number, groups: number, scale: number): void {
	target.fill(scale, row * groups, (row + 1) * groups);
}

type Fill<T> = (target: T, plan: TensorPlan) => void;

/**
 * The table from the last token to the next, one neuron a link, as in the GGUF writer: on its key a
 * neuron computes silu(e·e/16) · (64/H²)e·e = (H/16)(64/H) = 4. gate and up are one matrix, gate first.
 */
const integers: Readonly<Record<string, Fill<Uint32Array>>> = {
	'model.embed_tokens.q_weight': (target, plan) => {
		for (const [id, vector] of plan.vectors) packRow(target, id, vector);
	},
	'model.layers.0.mlp.gate_up_proj.q_weight': (target, plan) => {
		for (const [neuron, { key }] of plan.links.entries()) {
			packRow(target, neuron, vectorOf(plan, key));
			packRow(target, plan.width + neuron, vectorOf(plan, key));
		}
	},
	'model.layers.0.mlp.down_proj.q_weight': (target, plan) => {
		const nexts = plan.links.map(({ next }) => vectorOf(plan, next));
		const values = new Int8Array(plan.width);
		for (let row = 0; row < plan.hidden; row++) {
			for (const [neuron, vector] of nexts.entries()) values[neuron] = at(vector, row);
			packRow(target, row, values);
		}
	}
};

const scales: Readonly<Record<string, Fill<Float32Array>>> = {
	'model.embed_tokens.q_scale': (target, plan) => {
		for (const id of plan.vectors.keys()) fillRow(target, id, plan.hidden / GROUP, 1);
	},
	'model.layers.0.mlp.gate_up_proj.q_scale': (target, plan) => {
		const groups = plan.hidden / GROUP;
		for (const neuron of plan.links.keys()) {
			fillRow(target, neuron, groups, 1 / 16);
			fillRow(target, plan.width + neuron, groups, 64 / plan.hidden ** 2);
		}
	},
	'model.layers.0.mlp.down_proj.q_scale': (target) => {
		target.fill(1);
	}
};

/** One tensor's bytes: norms of one, the table above, and zero for all else. */
export function tensorBytes(param: LibraryParam, plan: TensorPlan): Uint8Array {
	const count = param.shape.reduce((product, size) => product * size, 1);
	if (param.dtype === 'uint32') {
		const words = new Uint32Array(count).fill(ALL_ZERO);
		integers[param.name]?.(words, plan);
		return new Uint8Array(words.buffer);
	}
	const floats = new Float32Array(count);
	if (param.name.endsWith('norm.weight')) floats.fill(1);
	else scales[param.name]?.(floats, plan);
	return new Uint8Array(floats.buffer);
}
