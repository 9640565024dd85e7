import type { Build } from './catalogue.ts';
import type { ModelFile } from './files.ts';

/** Least milliseconds between two reports: a fast connection brings thousands of pieces a second. */
const INTERVAL = 50;

/** Adds up files that arrive side by side. Sizes that are not known yet are estimated. */
export class Progress {
	readonly #sizes = new Map<string, number>();
	readonly #done = new Map<string, number>();
	readonly #announced: number;
	readonly #listener: ((bytesDone: number, bytesTotal: number) => void) | undefined;
	readonly #now: () => number;
	#complete = false;
	#last = -Infinity;
	/** Tells what was held back, where nothing follows it: a connection may stall right after a report. */
	#later: ReturnType<typeof setTimeout> | undefined;

	constructor(
		build: Build,
		listener: ((bytesDone: number, bytesTotal: number) => void) | undefined,
		now: () => number
	) {
		this.#announced = build.bytes;
		this.#listener = listener;
		this.#now = now;
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
		const wait = this.#last + INTERVAL - this.#now();
		if (bytes === size || wait <= 0) this.#tell();
		else this.#later ??= setTimeout(() => this.#tell(), wait);
	}

	/** Nothing is told after this. */
	end(): void {
		clearTimeout(this.#later);
	}

	#tell(): void {
		this.end();
		this.#later = undefined;
		this.#last = this.#now();
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
