import { overwriteGetLocale } from './paraglide/runtime.js';

export const LANGUAGES = ['en', 'zh-Hans'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Languages by their own names, as a person looks for them. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', 'zh-Hans': '简体中文' };

/** Where a choice is remembered; it must be readable before the first paint. */
export interface Memory {
	get(key: string): string | null;
	set(key: string, value: string): void;
}

const KEY = 'alcove:language';

/** The language of the page. All messages follow it at once, without a reload. */
export class Locale {
	#current = $state<Language>('en');
	readonly #memory: Memory;
	readonly #root: HTMLElement;

	/** @param preferred the browser's languages, best first */
	constructor(memory: Memory, preferred: readonly string[], root: HTMLElement) {
		this.#memory = memory;
		this.#root = root;
		this.#current =
			asLanguage(memory.get(KEY)) ?? (preferred.find(isKnown)?.startsWith('zh') ? 'zh-Hans' : 'en');
		root.lang = this.#current;
		overwriteGetLocale(() => this.#current);
	}

	get current(): Language {
		return this.#current;
	}

	choose(language: Language): void {
		this.#current = language;
		this.#root.lang = language;
		this.#memory.set(KEY, language);
	}
}

function asLanguage(value: string | null): Language | undefined {
	return LANGUAGES.find((language) => language === value);
}

function isKnown(tag: string): boolean {
	return tag.startsWith('zh') || tag.startsWith('en');
}
