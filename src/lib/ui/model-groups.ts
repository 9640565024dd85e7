import type { ShelfEntry } from '#lib/chat/shelf.svelte.ts';
import { languageNames } from './model-words.ts';

/** The models in the order in which one chooses: what is here, what is proposed, the rest, what cannot run. */
export interface ModelGroups {
	here: ShelfEntry[];
	proposed: ShelfEntry[];
	more: ShelfEntry[];
	cannot: ShelfEntry[];
}

/**
 * @param recommended the id of the model to propose
 * @param sought words, all of which a model's name, maker or languages must have
 */
export function groupModels(
	entries: ShelfEntry[],
	recommended: string | undefined,
	sought: string,
	locale: string
): ModelGroups {
	const groups: ModelGroups = { here: [], proposed: [], more: [], cannot: [] };
	const words = sought.toLocaleLowerCase(locale).split(/\s+/).filter(Boolean);
	for (const entry of entries) {
		const text = words.length > 0 ? describe(entry, locale) : '';
		if (!words.every((word) => text.includes(word))) continue;
		if (entry.held) groups.here.push(entry);
		else if (entry.choice.kind === 'none') groups.cannot.push(entry);
		else if (entry.model.id === recommended) groups.proposed.push(entry);
		else groups.more.push(entry);
	}
	return groups;
}

/** What a model is found by: its names and those of its languages, in the reader's language and in English. */
function describe({ model }: ShelfEntry, locale: string): string {
	const { name, id, family = '', languages } = model;
	const spoken = [locale, 'en'].map((tag) => languageNames(languages, tag));
	return [name, id, family, ...languages, ...spoken].join(' ').toLocaleLowerCase(locale);
}
