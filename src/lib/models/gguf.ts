/** What a GGUF says of itself, read from its head: enough to refuse what llama.cpp could not load. */
import { GgufError } from './errors.ts';

export interface GgufHead {
	/** Its name for people, where it has one. */
	name: string | undefined;
	architecture: string;
	/** Tokens that it was trained to see, where it says. */
	contextLength: number | undefined;
	layers: number | undefined;
}

/** The head holds the vocabulary: some megabytes. One that is longer is not read. */
const LONGEST_HEAD = 64 * 1024 ** 2;
const MAGIC = 'GGUF';

/** Sizes of GGUF's fixed-width values, by their number; 8 is a text, 9 a list. */
const WIDTHS: Record<number, number> = {
	0: 1,
	1: 1,
	2: 2,
	3: 2,
	4: 4,
	5: 4,
	6: 4,
	7: 1,
	10: 8,
	11: 8,
	12: 8
};
const TEXT = 8;
const LIST = 9;
const UINT32 = 4;
const UINT64 = 10;

/** Numbers in a block and its bytes, by ggml's number of the type, for those that models use. */
const BLOCKS: Record<number, readonly [numbers: number, bytes: number]> = {
	0: [1, 4],
	1: [1, 2],
	2: [32, 18],
	3: [32, 20],
	6: [32, 22],
	7: [32, 24],
	8: [32, 34],
	10: [256, 84],
	11: [256, 110],
	12: [256, 144],
	13: [256, 176],
	14: [256, 210],
	20: [32, 18],
	23: [256, 136],
	30: [1, 2]
};

/**
 * Reads the head of a GGUF and holds the file's length against it.
 * @throws GgufError not-one, split, truncated, unreadable
 */
export async function readGguf(file: Blob): Promise<GgufHead> {
	const bytes = await file.slice(0, LONGEST_HEAD).arrayBuffer();
	const head = new Reader(bytes);
	try {
		return read(head, file.size);
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		// the head goes on behind what was read
		const failure =
			bytes.byteLength === file.size
				? ({ kind: 'truncated', expected: undefined, got: file.size } as const)
				: ({ kind: 'unreadable', detail: 'its head is longer than 64 MB' } as const);
		throw new GgufError(failure, { cause: error });
	}
}

function read(head: Reader, size: number): GgufHead {
	if (size < 4 || head.signs(4) !== MAGIC) throw new GgufError({ kind: 'not-one' });
	const version = head.uint32();
	if (version < 2 || version > 3)
		throw new GgufError({ kind: 'unreadable', detail: `GGUF version ${version}` });
	const tensors = head.uint64();
	const count = head.uint64();
	const fields = new Map<string, string | number>();
	for (let index = 0; index < count; index += 1) {
		const key = head.text();
		const value = head.value(head.uint32());
		if (value !== undefined) fields.set(key, value);
	}
	const parts = number(fields.get('split.count'));
	if (parts !== undefined && parts > 1) throw new GgufError({ kind: 'split', parts });
	checkLength(head, tensors, number(fields.get('general.alignment')) ?? 32, size);
	const architecture = fields.get('general.architecture');
	if (typeof architecture !== 'string')
		throw new GgufError({ kind: 'unreadable', detail: 'no architecture' });
	const name = fields.get('general.name');
	return {
		name: typeof name === 'string' && name !== '' ? name : undefined,
		architecture,
		contextLength: number(fields.get(`${architecture}.context_length`)),
		layers: number(fields.get(`${architecture}.block_count`))
	};
}

/** @throws GgufError truncated where the last tensor would end behind the file */
function checkLength(head: Reader, tensors: number, alignment: number, size: number): void {
	let end = 0;
	for (let index = 0; index < tensors; index += 1) {
		head.text();
		let numbers = 1;
		for (let axes = head.uint32(); axes > 0; axes -= 1) numbers *= head.uint64();
		const [block, bytes] = BLOCKS[head.uint32()] ?? [1, 0];
		end = Math.max(end, head.uint64() + (numbers / block) * bytes);
	}
	const expected = Math.ceil(head.at / alignment) * alignment + end;
	if (size < expected) throw new GgufError({ kind: 'truncated', expected, got: size });
}

function number(value: unknown): number | undefined {
	return typeof value === 'number' ? value : undefined;
}

/** Reads little-endian values one after another. Behind the end a RangeError is thrown. */
class Reader {
	at = 0;
	readonly #view: DataView;
	readonly #decoder = new TextDecoder();

	constructor(bytes: ArrayBuffer) {
		this.#view = new DataView(bytes);
	}

	signs(count: number): string {
		return String.fromCharCode(...new Uint8Array(this.#view.buffer, this.#skip(count), count));
	}

	uint32(): number {
		return this.#view.getUint32(this.#skip(4), true);
	}

	uint64(): number {
		return Number(this.#view.getBigUint64(this.#skip(8), true));
	}

	text(): string {
		const length = this.uint64();
		return this.#decoder.decode(new Uint8Array(this.#view.buffer, this.#skip(length), length));
	}

	/** A text or a whole number; whatever else there is, is passed over. */
	value(type: number): string | number | undefined {
		if (type === TEXT) return this.text();
		if (type === UINT32) return this.uint32();
		if (type === UINT64) return this.uint64();
		if (type === LIST) this.#list();
		else this.#skip(width(type));
		return undefined;
	}

	#list(): void {
		const type = this.uint32();
		const count = this.uint64();
		if (type !== TEXT && type !== LIST) this.#skip(width(type) * count);
		else
			for (let index = 0; index < count; index += 1) {
				if (type === TEXT) this.#skip(this.uint64());
				else this.#list();
			}
	}

	/** @returns where the skipped bytes begin */
	#skip(count: number): number {
		const from = this.at;
		if (from + count > this.#view.byteLength) throw new RangeError(`${count} bytes at ${from}`);
		this.at += count;
		return from;
	}
}

/** @throws GgufError unreadable */
function width(type: number): number {
	const bytes = WIDTHS[type];
	if (bytes === undefined) throw new GgufError({ kind: 'unreadable', detail: `a value of type ${type}` });
	return bytes;
}
