/** Reads a GGUF back, by the format's own description and not by the writer's code. */
export interface ReadGguf {
	version: number;
	fields: Map<string, unknown>;
	tensors: Map<string, { shape: number[]; type: number; offset: number; values: Float32Array }>;
	/** Where the tensors' bytes begin. */
	dataStart: number;
}

class Reader {
	position = 0;
	readonly #view: DataView;

	constructor(bytes: Uint8Array) {
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	u32(): number {
		this.position += 4;
		return this.#view.getUint32(this.position - 4, true);
	}

	u64(): number {
		this.position += 8;
		return Number(this.#view.getBigUint64(this.position - 8, true));
	}

	text(): string {
		const length = this.u64();
		this.position += length;
		const start = this.#view.byteOffset + this.position - length;
		return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(this.#view.buffer, start, length));
	}

	value(type: number): unknown {
		switch (type) {
			case 4:
				return this.u32();
			case 5:
				this.position += 4;
				return this.#view.getInt32(this.position - 4, true);
			case 6:
				this.position += 4;
				return this.#view.getFloat32(this.position - 4, true);
			case 7:
				this.position += 1;
				return this.#view.getUint8(this.position - 1) === 1;
			case 8:
				return this.text();
			case 9: {
				const item = this.u32();
				return Array.from({ length: this.u64() }, () => this.value(item));
			}
			default:
				throw new Error(`Metadata of type ${type}`);
		}
	}
}

export function readGguf(bytes: Uint8Array): ReadGguf {
	const reader = new Reader(bytes);
	const magic = reader.u32();
	if (magic !== 0x46554747) throw new Error(`Magic ${magic.toString(16)}`);
	const version = reader.u32();
	const tensorCount = reader.u64();
	const fieldCount = reader.u64();
	const fields = new Map(
		Array.from({ length: fieldCount }, () => [reader.text(), reader.value(reader.u32())] as const)
	);
	const infos = Array.from({ length: tensorCount }, () => {
		const name = reader.text();
		const shape = Array.from({ length: reader.u32() }, () => reader.u64());
		return { name, shape, type: reader.u32(), offset: reader.u64() };
	});
	const dataStart = Math.ceil(reader.position / 32) * 32;
	const tensors = new Map(
		infos.map(({ name, shape, type, offset }) => {
			const count = shape.reduce((product, size) => product * size, 1);
			const start = dataStart + offset;
			const values = new Float32Array(bytes.slice(start, start + count * 4).buffer);
			return [name, { shape, type, offset, values }];
		})
	);
	return { version, fields, tensors, dataStart };
}
