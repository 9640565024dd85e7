import * as m from '#lib/i18n/paraglide/messages.js';
import { isInRange, type Sampling, SAMPLING_RANGES } from '#lib/message/setup.ts';

type Key = keyof Sampling;

/** Settings as a person writes them into fields. */
export type Written = Record<Key, string>;

interface Knob {
	key: Key;
	label: () => string;
	help: () => string;
	/** What is allowed, in words. */
	range: () => string;
	whole: boolean;
}

/** The settings, in the order people need them. */
export const KNOBS: Knob[] = [
	knob('temperature', m.setup_temperature, m.setup_temperature_help),
	knob('topP', m.setup_top_p, m.setup_top_p_help),
	knob('maxTokens', m.setup_max_tokens, m.setup_max_tokens_help),
	knob('presencePenalty', m.setup_presence, m.setup_presence_help),
	knob('frequencyPenalty', m.setup_frequency, m.setup_frequency_help),
	knob('seed', m.setup_seed, m.setup_seed_help)
];

function knob(key: Key, label: () => string, help: () => string): Knob {
	const { min, max, whole } = SAMPLING_RANGES[key];
	const range = () => (whole ? m.setup_range_whole({ min, max }) : m.setup_range({ min, max }));
	return { key, label, help, range, whole };
}

export function writeSampling(sampling: Sampling): Written {
	const write = (key: Key) => String(sampling[key] ?? '');
	return {
		temperature: write('temperature'),
		topP: write('topP'),
		maxTokens: write('maxTokens'),
		presencePenalty: write('presencePenalty'),
		frequencyPenalty: write('frequencyPenalty'),
		seed: write('seed')
	};
}

/** The fields that hold no usable number. An empty seed is one: chance. */
export function wrongKnobs(written: Written): Key[] {
	return KNOBS.flatMap(({ key }) => (isUsable(key, written[key]) ? [] : [key]));
}

/** @returns the settings, or undefined while a field holds no usable number */
export function readSampling(written: Written): Sampling | undefined {
	if (wrongKnobs(written).length > 0) return undefined;
	return {
		temperature: numberOf(written.temperature),
		topP: numberOf(written.topP),
		maxTokens: numberOf(written.maxTokens),
		presencePenalty: numberOf(written.presencePenalty),
		frequencyPenalty: numberOf(written.frequencyPenalty),
		seed: written.seed.trim() === '' ? null : numberOf(written.seed)
	};
}

function isUsable(key: Key, text: string): boolean {
	if (text.trim() === '') return key === 'seed';
	return isInRange(key, numberOf(text));
}

/** Full-width digits, as input methods write them, and decimal commas count too. NaN where it is no number. */
function numberOf(text: string): number {
	const plain = text.normalize('NFKC').trim().replace(',', '.');
	return plain === '' ? NaN : Number(plain);
}
