import type { Build } from './catalogue.ts';
import type { ModelFile } from './files.ts';

/** Adds up files that arrive side by side. Sizes that are not known yet are estimated. */
export class Progress {
	readonly #sizes = new Map<string, number>();
	readonly #done = new Map<string, number>();
	readonly #announced: number;
	readonly #listener: ((bytesDone: number, bytesTotal: number) => void) | undefined;
	#complete = false;

	constructor(build: Build, listener: ((bytesDone: number, bytesTotal: number) => void) | undefined) {
		this.#announced = build.bytes;
		this.#listener = listener;
	}

	/** Names all files of the build: from now on the total is theirs, no longer the catalogue's. */
	expect(files: ModelFile[]): void {
		this.#complete = true;
		for (const { key, bytes, estimate } of files) {
			const known = this.#sizes.get(key);
			this.#sizes.set(key, known ?? bytes ?? estimate);
		}
	}

	/** So many bytes of the file are here, of so many if that is known. */
	report(file: ModelFile, bytes: number, size: number | undefined): void {
		this.#done.set(file.key, bytes);
		this.#sizes.set(file.key, Math.max(bytes, size ?? file.bytes ?? file.estimate));
		this.#listener?.(sum(this.#done), this.total);
	}

	get total(): number {
		return this.#complete ? sum(this.#sizes) : Math.max(this.#announced, sum(this.#done));
	}
}

function sum(numbers: Map<string, number>): number {
	let total = 0;
	for (const number of numbers.values()) total += number;
	return total;
}
