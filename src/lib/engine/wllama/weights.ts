/** A part of a model that tells how many bytes the library has asked it for. */
class WatchedBlob extends Blob {
	readonly #onRead: (bytes: number) => void;

	constructor(blob: Blob, onRead: (bytes: number) => void) {
		super([blob]); // refers to the same bytes, copies none
		this.#onRead = onRead;
	}

	/** How the library reads where it can wait for a read. */
	override slice(start = 0, end = this.size, type?: string): Blob {
		this.#onRead(Math.min(end, this.size) - start);
		return super.slice(start, end, type);
	}

	/** How it reads where it cannot, and copies the whole model first. */
	override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
		const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
			transform: (chunk, controller) => {
				this.#onRead(chunk.byteLength);
				controller.enqueue(chunk);
			}
		});
		return super.stream().pipeThrough(count);
	}
}

/**
 * The same parts, whose reading is reported as a share of all. The library says nothing of its
 * progress, and reads a little more than there is (the head, in pieces of 1 MB): so the share stays below 1.
 */
export function watchWeights(parts: readonly Blob[], onProgress: (share: number) => void): Blob[] {
	const total = parts.reduce((sum, part) => sum + part.size, 0);
	let read = 0;
	const onRead = (bytes: number): void => {
		read += bytes;
		onProgress(Math.min(read / total, 0.99));
	};
	return parts.map((part) => new WatchedBlob(part, onRead));
}
