import { overwriteGetLocale } from './paraglide/runtime.js';
import { fetchWords } from './words.ts';

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
	#known = $state(false);
	readonly #memory: Memory;
	readonly #root: HTMLElement;

	/** @param preferred the browser's languages, best first */
	constructor(memory: Memory, preferred: readonly string[], root: HTMLElement) {
		this.#memory = memory;
		this.#root = root;
		overwriteGetLocale(() => this.#current);
		const wanted =
			asLanguage(memory.get(KEY)) ?? (preferred.find(isKnown)?.startsWith('zh') ? 'zh-Hans' : 'en');
		if (wanted === 'en') this.#show(wanted);
		else void this.#fetch(wanted);
	}

	get current(): Language {
		return this.#current;
	}

	/** Whether there are words to show: at the very start those of a language other than English are on their way. */
	get known(): boolean {
		return this.#known;
	}

	/**
	 * Shows and remembers a language.
	 * @returns false where its words cannot be fetched; the page then stays in the language it has
	 */
	async choose(language: Language): Promise<boolean> {
		// at once: a page that is left while the words are on their way comes back in that language
		this.#memory.set(KEY, language);
		const fetched = await this.#fetch(language);
		if (!fetched) this.#memory.set(KEY, this.#current);
		return fetched;
	}

	async #fetch(language: Language): Promise<boolean> {
		try {
			await fetchWords(language);
			this.#show(language);
			return true;
		} catch (error) {
			console.error(`The words of "${language}" cannot be fetched:`, error);
			this.#known = true;
			return false;
		}
	}

	#show(language: Language): void {
		this.#current = language;
		this.#root.lang = language;
		this.#known = true;
	}
}

function asLanguage(value: string | null): Language | undefined {
	return LANGUAGES.find((language) => language === value);
}

function isKnown(tag: string): boolean {
	return tag.startsWith('zh') || tag.startsWith('en');
}
