/**
 * What a decoder's published shape says of its files and its speed. The sums are exact for MLC's group
 * quantization (4 bits a weight in groups of 32 that share one float), embeddings included.
 */

/** The numbers of a model's config that its sizes follow from. All models here tie their head to the embedding. */
export interface Shape {
	layers: number;
	hidden: number;
	/** Width of the feed-forward part. */
	inner: number;
	heads: number;
	kvHeads: number;
	headWidth: number;
	vocabulary: number;
	/** Vectors of the hidden width that normalise a layer. */
	norms: 2 | 4;
	/** What the attention has beside its matrices. */
	attention: 'plain' | 'biased' | 'normed';
}

/** MLC's names: 4 bits or none quantized, computed in 16- or 32-bit floats. */
export type Quantization = 'q4f16_1' | 'q4f32_1' | 'q0f16' | 'q0f32';

const FLOAT_BYTES: Record<Quantization, number> = { q4f16_1: 2, q4f32_1: 4, q0f16: 2, q0f32: 4 };

/** Weights that share one scale. */
const GROUP = 32;

/** Dispatches that a layer and the frame around the layers cost a token: 243 were counted with 24 layers. */
const DISPATCHES_PER_LAYER = 10;
const OTHER_DISPATCHES = 3;

/** Numbers in the matrices, embedding included, and in the vectors beside them. */
function numbers(shape: Shape): { matrices: number; vectors: number } {
	const { layers, hidden, inner, heads, kvHeads, headWidth, vocabulary, norms, attention } = shape;
	const queries = (heads + 2 * kvHeads) * headWidth;
	const layer = hidden * queries + heads * headWidth * hidden + 3 * hidden * inner;
	const beside = { plain: 0, biased: queries, normed: 2 * headWidth }[attention];
	return {
		matrices: layers * layer + vocabulary * hidden,
		vectors: layers * (norms * hidden + beside) + hidden
	};
}

/** How many numbers the model has learned. */
export function parameters(shape: Shape): number {
	const { matrices, vectors } = numbers(shape);
	return matrices + vectors;
}

/** Bytes of all weights; with a tied head, also what is read for each token. */
export function weightBytes(shape: Shape, quantization: Quantization): number {
	const { matrices, vectors } = numbers(shape);
	const float = FLOAT_BYTES[quantization];
	const weight = quantization.startsWith('q4') ? 1 / 2 + float / GROUP : float;
	return matrices * weight + vectors * float;
}

/** Bytes of the largest tensor, which must fit into one GPU buffer: the embedding's. */
export function largestTensor({ vocabulary, hidden }: Shape, quantization: Quantization): number {
	return vocabulary * hidden * (quantization.startsWith('q4') ? 1 / 2 : FLOAT_BYTES[quantization]);
}

/** Bytes of keys and values that each token of the context adds, kept as 16-bit floats. */
export function kvBytes({ layers, kvHeads, headWidth }: Shape, floatBytes = 2): number {
	return layers * kvHeads * headWidth * 2 * floatBytes;
}

/** GPU dispatches for one token. */
export function dispatches({ layers }: Shape): number {
	return layers * DISPATCHES_PER_LAYER + OTHER_DISPATCHES;
}
