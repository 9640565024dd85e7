/** The GGUF container, version 3, as far as a talking model needs it: little-endian, 32-byte aligned, f32. */

export const GGUF_ALIGNMENT = 32;

export type GgufField =
	| { kind: 'u32'; value: number }
	| { kind: 'f32'; value: number }
	| { kind: 'bool'; value: boolean }
	| { kind: 'text'; value: string }
	| { kind: 'texts'; value: readonly string[] }
	| { kind: 'i32s'; value: readonly number[] };

export interface GgufTensor {
	name: string;
	/** Fastest dimension first, as GGML counts. */
	shape: readonly number[];
	values: Float32Array;
}

/** Type numbers of the format's metadata values. */
const TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, text: 8, array: 9 } as const;
const TENSOR_F32 = 0;
const encoder = new TextEncoder();

/** Bytes that grow. */
class Sink {
	#bytes = new Uint8Array(64 * 1024);
	#length = 0;

	/** Room for `count` more bytes. */
	#room(count: number): DataView {
		if (this.#length + count > this.#bytes.length) {
			const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
			larger.set(this.#bytes.subarray(0, this.#length));
			this.#bytes = larger;
		}
		const view = new DataView(this.#bytes.buffer, this.#length, count);
		this.#length += count;
		return view;
	}

	u32(value: number): void {
		this.#room(4).setUint32(0, value, true);
	}

	u64(value: number): void {
		this.#room(8).setBigUint64(0, BigInt(value), true);
	}

	i32(value: number): void {
		this.#room(4).setInt32(0, value, true);
	}

	f32s(values: ArrayLike<number>): void {
		const view = this.#room(values.length * 4);
		for (let index = 0; index < values.length; index++) view.setFloat32(index * 4, values[index] ?? 0, true);
	}

	byte(value: number): void {
		this.#room(1).setUint8(0, value);
	}

	text(value: string): void {
		const bytes = encoder.encode(value);
		this.u64(bytes.length);
		this.#room(bytes.length);
		this.#bytes.set(bytes, this.#length - bytes.length);
	}

	align(): void {
		this.#room(padding(this.#length));
	}

	done(): Uint8Array<ArrayBuffer> {
		return this.#bytes.slice(0, this.#length);
	}
}

function padding(length: number): number {
	return (GGUF_ALIGNMENT - (length % GGUF_ALIGNMENT)) % GGUF_ALIGNMENT;
}

function writeField(sink: Sink, key: string, field: GgufField): void {
	sink.text(key);
	switch (field.kind) {
		case 'u32':
			sink.u32(TYPE.u32);
			sink.u32(field.value);
			break;
		case 'f32':
			sink.u32(TYPE.f32);
			sink.f32s([field.value]);
			break;
		case 'bool':
			sink.u32(TYPE.bool);
			sink.byte(field.value ? 1 : 0);
			break;
		case 'text':
			sink.u32(TYPE.text);
			sink.text(field.value);
			break;
		case 'texts':
			startArray(sink, TYPE.text, field.value.length);
			for (const item of field.value) sink.text(item);
			break;
		case 'i32s':
			startArray(sink, TYPE.i32, field.value.length);
			for (const item of field.value) sink.i32(item);
			break;
	}
}

function startArray(sink: Sink, type: number, length: number): void {
	sink.u32(TYPE.array);
	sink.u32(type);
	sink.u64(length);
}

/** Fields and tensors as one GGUF file, in the order given: the same input makes the same bytes. */
export function writeGguf(
	fields: Readonly<Record<string, GgufField>>,
	tensors: readonly GgufTensor[]
): Uint8Array<ArrayBuffer> {
	const sink = new Sink();
	for (const letter of 'GGUF') sink.byte(letter.charCodeAt(0));
	sink.u32(3);
	sink.u64(tensors.length);
	const entries = Object.entries(fields);
	sink.u64(entries.length);
	for (const [key, field] of entries) writeField(sink, key, field);
	let offset = 0;
	for (const { name, shape, values } of tensors) {
		sink.text(name);
		sink.u32(shape.length);
		for (const size of shape) sink.u64(size);
		sink.u32(TENSOR_F32);
		sink.u64(offset);
		offset += values.byteLength + padding(values.byteLength);
	}
	sink.align();
	for (const { values } of tensors) {
		sink.f32s(values);
		sink.align();
	}
	return sink.done();
}
