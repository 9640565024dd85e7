/** What a person can set about the answers of a conversation: what the model is told, and how it draws its words. */

/** How an answer's words are drawn. A seed of null means a new one for each answer. */
export interface Sampling {
	/** 0 always takes the likeliest token. */
	temperature: number;
	topP: number;
	/** The longest answer, in tokens. */
	maxTokens: number;
	presencePenalty: number;
	frequencyPenalty: number;
	seed: number | null;
}

/** What was drawn with, once it was drawn: the seed is known. */
export type Drawn = Sampling & { seed: number };

/** The instructions of a conversation. `id` names where the text came from; the text alone is what counts. */
export interface Instructions {
	id: string;
	text: string;
}

/** What becomes of the oldest turns when the window is full: left out, or told in a summary that the model writes. */
export type Overflow = 'drop' | 'summary';

/** What a conversation sets for itself. What it does not set, the device's settings say. */
export interface Setup {
	instructions?: Instructions;
	sampling?: Sampling;
	overflow?: Overflow;
}

/** Instructions that a person wrote and kept for other conversations. */
export interface OwnPrompt {
	id: string;
	title: string;
	text: string;
}

/** How models of this size speak best, by their makers' word (generation_config.json of Qwen2). */
export const DEFAULT_SAMPLING: Sampling = {
	temperature: 0.7,
	topP: 0.8,
	maxTokens: 1024,
	presencePenalty: 0,
	frequencyPenalty: 0,
	seed: null
};

export interface Range {
	min: number;
	max: number;
	/** Whether only whole numbers count. */
	whole: boolean;
}

/** What both engines accept. */
export const SAMPLING_RANGES: Record<keyof Sampling, Range> = {
	temperature: { min: 0, max: 2, whole: false },
	topP: { min: 0.01, max: 1, whole: false },
	maxTokens: { min: 16, max: 4096, whole: true },
	presencePenalty: { min: -2, max: 2, whole: false },
	frequencyPenalty: { min: -2, max: 2, whole: false },
	seed: { min: 0, max: 0x7fffffff, whole: true }
};

/** Longest name of own instructions, in UTF-16 code units. */
export const MAX_PROMPT_TITLE = 60;

/** Longest instructions, in UTF-16 code units: a fraction of the window, since they go with every message. */
export const MAX_INSTRUCTIONS = 4000;

/** Longest summary that a person can write, in UTF-16 code units. */
export const MAX_SUMMARY = 4000;

/** Whether a number may be used for a setting. */
export function isInRange(key: keyof Sampling, value: unknown): value is number {
	const { min, max, whole } = SAMPLING_RANGES[key];
	if (typeof value !== 'number' || !(value >= min && value <= max)) return false;
	return !whole || Number.isInteger(value);
}

/** Reads kept settings; what is not a usable number counts as the default. */
export function parseSampling(value: unknown): Sampling {
	const kept: object = typeof value === 'object' && value !== null ? value : {};
	const read = (key: Exclude<keyof Sampling, 'seed'>) => {
		const found: unknown = Reflect.get(kept, key);
		return isInRange(key, found) ? found : DEFAULT_SAMPLING[key];
	};
	const seed: unknown = Reflect.get(kept, 'seed');
	return {
		temperature: read('temperature'),
		topP: read('topP'),
		maxTokens: read('maxTokens'),
		presencePenalty: read('presencePenalty'),
		frequencyPenalty: read('frequencyPenalty'),
		seed: isInRange('seed', seed) ? seed : null
	};
}

/** Reads the kept choice; anything else counts as the default. */
export function parseOverflow(value: unknown): Overflow {
	return value === 'summary' ? value : 'drop';
}

/** Reads what a conversation sets for itself; what is not usable counts as not set. */
export function parseSetup(value: unknown): Setup {
	const kept: { instructions?: unknown; sampling?: unknown; overflow?: unknown } =
		typeof value === 'object' && value !== null ? value : {};
	const { instructions, sampling, overflow } = kept;
	return {
		...(isInstructions(instructions) ? { instructions } : {}),
		...(sampling ? { sampling: parseSampling(sampling) } : {}),
		...(overflow ? { overflow: parseOverflow(overflow) } : {})
	};
}

/** What is kept of a choice: the default needs no entry. */
export function keptOverflow(overflow: Overflow): Overflow | undefined {
	return overflow === 'drop' ? undefined : overflow;
}

/** Reads kept own instructions; entries that are none are passed over. */
export function parsePrompts(value: unknown): OwnPrompt[] {
	return Array.isArray(value) ? value.filter(isOwnPrompt) : [];
}

const isOwnPrompt = (value: unknown): value is OwnPrompt => hasTexts(value, ['id', 'title', 'text']);
const isInstructions = (value: unknown): value is Instructions => hasTexts(value, ['id', 'text']);

function hasTexts(value: unknown, keys: string[]): boolean {
	if (typeof value !== 'object' || value === null) return false;
	return keys.every((key) => typeof Reflect.get(value, key) === 'string');
}
