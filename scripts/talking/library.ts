/** What a library compiled for WebLLM says of the model it runs: a JSON text among the WASM's data. */

export interface LibraryParam {
	name: string;
	shape: number[];
	dtype: 'uint32' | 'float32';
}

export interface LibraryMetadata {
	/** The architecture, as "qwen2". */
	modelType: string;
	/** As "q4f32_1": bits of a weight, type of the activations, layout. */
	quantization: string;
	contextWindow: number;
	prefillChunk: number;
	/** The tensors it wants, in the order in which it takes them. */
	params: LibraryParam[];
}

/** The WASM file is no model library, or one whose metadata differ from what is known here. */
export class LibraryMetadataError extends Error {
	override readonly name = 'LibraryMetadataError';
}

/** The JSON object that starts at `start`, found by its brackets, since other data follow it. */
function objectFrom(text: string, start: number): string {
	let depth = 0;
	let quoted = false;
	for (let index = start; index < text.length; index++) {
		const sign = text[index];
		if (quoted) {
			if (sign === '\\') index++;
			else if (sign === '"') quoted = false;
		} else if (sign === '"') quoted = true;
		else if (sign === '{') depth++;
		else if (sign === '}' && --depth === 0) return text.slice(start, index + 1);
	}
	throw new LibraryMetadataError('The metadata have no end');
}

function record(value: unknown, what: string): Record<string, unknown> {
	if (typeof value !== 'object' || value === null) throw new LibraryMetadataError(`${what} is no object`);
	return value as Record<string, unknown>;
}

function text(value: unknown, what: string): string {
	if (typeof value !== 'string') throw new LibraryMetadataError(`${what} is no text`);
	return value;
}

function size(value: unknown, what: string): number {
	if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
	throw new LibraryMetadataError(`${what} is no positive integer`);
}

function list(value: unknown, what: string): unknown[] {
	if (!Array.isArray(value)) throw new LibraryMetadataError(`${what} is no list`);
	return value;
}

function parseParam(value: unknown): LibraryParam {
	const param = record(value, 'A parameter');
	const name = text(param['name'], "A parameter's name");
	const dtype = param['dtype'];
	if (dtype !== 'uint32' && dtype !== 'float32') {
		throw new LibraryMetadataError(`${name} is of type ${String(dtype)}: uint32 and float32 are known`);
	}
	return { name, dtype, shape: list(param['shape'], name).map((item) => size(item, name)) };
}

/**
 * Reads a model library's metadata.
 * @throws LibraryMetadataError where there are none or they are not as expected
 */
export function readLibraryMetadata(wasm: Uint8Array): LibraryMetadata {
	// one sign a byte: the search goes through machine code, too
	const source = Buffer.from(wasm.buffer, wasm.byteOffset, wasm.byteLength).toString('latin1');
	const mark = source.indexOf('"model_type"');
	if (mark < 0) throw new LibraryMetadataError('No metadata: this is no model library of WebLLM');
	let parsed: unknown;
	try {
		parsed = JSON.parse(objectFrom(source, source.lastIndexOf('{', mark)));
	} catch (error) {
		if (error instanceof LibraryMetadataError) throw error;
		throw new LibraryMetadataError('The metadata are no JSON', { cause: error });
	}
	const metadata = record(parsed, 'The metadata');
	return {
		modelType: text(metadata['model_type'], 'model_type'),
		quantization: text(metadata['quantization'], 'quantization'),
		contextWindow: size(metadata['context_window_size'], 'context_window_size'),
		prefillChunk: size(metadata['prefill_chunk_size'], 'prefill_chunk_size'),
		params: list(metadata['params'], 'params').map(parseParam)
	};
}
