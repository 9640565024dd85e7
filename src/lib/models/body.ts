/** Bytes that are read at once, at the most. */
const CHUNK = 1024 ** 2;

/** What comes, chunk by chunk; undefined at the end. A chunk holds only until the next one is asked for. */
export type ReadChunk = () => Promise<Uint8Array | undefined>;

/**
 * Reads the body of a response into one buffer again and again, where the browser can ("byob", bring your own
 * buffer, https://streams.spec.whatwg.org/#byob-readers): new memory for each chunk costs more than its bytes.
 */
export function readBody(body: ReadableStream<Uint8Array<ArrayBuffer>>): ReadChunk {
	const reader = byteReader(body);
	if (!reader) {
		const chunks = body.getReader();
		return async () => (await chunks.read()).value;
	}
	let buffer = new ArrayBuffer(CHUNK);
	return async () => {
		const { done, value } = await reader.read(new Uint8Array(buffer));
		if (value) buffer = value.buffer;
		return done ? undefined : value;
	};
}

function byteReader(body: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStreamBYOBReader | undefined {
	try {
		return body.getReader({ mode: 'byob' });
	} catch (error) {
		// not a stream of bytes, or a browser that knows none
		if (error instanceof TypeError) return undefined;
		throw error;
	}
}
