import { countingWords } from '../../scripts/talking/chain.ts';

/** What the worker that stands in for WebLLM says. */
export const GPU_WORDS = countingWords(40);
