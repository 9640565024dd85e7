/** Past the caches of most processors. */
const BYTES = 64 * 1024 ** 2;
/** Milliseconds that the measurement lasts at least. */
const LEAST = 200;

/** How fast one thread reads memory, in bytes a second. */
export function measureCpu(): number {
	const data = new Float64Array(BYTES / 8).fill(1);
	sum(data); // the first time it is compiled
	let bytes = 0;
	const start = performance.now();
	let took: number;
	do {
		// the sum is used, or it would not be computed
		if (sum(data) !== data.length) throw new Error('the processor cannot add');
		bytes += BYTES;
		took = performance.now() - start;
	} while (took < LEAST);
	return bytes / (took / 1000);
}

/** Four sums side by side, so that reading is what it waits for and not adding. */
function sum(data: Float64Array): number {
	let [a, b, c, d] = [0, 0, 0, 0];
	for (let index = 0; index < data.length; index += 4) {
		a += data[index] ?? 0;
		b += data[index + 1] ?? 0;
		c += data[index + 2] ?? 0;
		d += data[index + 3] ?? 0;
	}
	return a + b + c + d;
}
