import type { Language } from './locale.svelte.ts';

/**
 * Fetches what the app says in a language, before it is asked to say it. In the build the words of other
 * languages than English are a file of their own (scripts/first-load.ts puts another module in place of this
 * one); while developing and in unit tests they are all there.
 */
export async function fetchWords(language: Language): Promise<void> {
	void language;
}
