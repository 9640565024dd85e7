/**
 * How fast a build would write here. Each token reads all weights once, and the keys and values of the
 * context; on a GPU each of its dispatches costs some time besides:
 *
 *     seconds a token = (weights + context × bytes a context token) ÷ bandwidth + dispatches × time of one
 *
 * It is an upper bound: no engine reaches the whole bandwidth. Small models on a fast card are bound by
 * the dispatches, others by the bytes.
 */
import type { Build } from './catalogue.ts';

/** What was measured of a processor. Bandwidth in bytes a second, times in seconds. */
export interface Measured {
	gpu?: { bandwidth: number; dispatch: number };
	cpu?: { bandwidth: number; threads: number };
}

/** Tokens a second that a person reads: below that one waits for the text. */
const READING = 7;

/**
 * Tokens a second with so many tokens in the context, at most.
 * @returns undefined where the processor was not measured, or the build's costs are not known
 */
export function predict({ cost, engine }: Build, measured: Measured, context = 0): number | undefined {
	const found = engine === 'webllm' ? measured.gpu : engine === 'wllama' ? measured.cpu : undefined;
	if (!cost || !found) return undefined;
	const reading = (cost.weights + context * cost.context) / found.bandwidth;
	const dispatching =
		measured.gpu && engine === 'webllm' ? (cost.dispatches ?? 0) * measured.gpu.dispatch : 0;
	return 1 / (reading + dispatching);
}

/** Whether a person waits for the words. @param speed tokens a second */
export function isFast(speed: number): boolean {
	return speed >= READING;
}
