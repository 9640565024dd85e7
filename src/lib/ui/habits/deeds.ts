import type { Deed } from './keys.ts';

/** What is done by pressing the button that is there for it. */
export type Pressed =
	Extract<Deed, 'stop' | 'retry' | 'edit' | 'copy' | 'read'> | 'export' | 'setup' | 'attach';

/** Whose newest message has the button. */
const AUTHOR: Partial<Record<Pressed, 'user' | 'assistant'>> = {
	retry: 'assistant',
	copy: 'assistant',
	read: 'assistant',
	edit: 'user'
};

/**
 * The button on the page for a deed, undefined where it is not to be had now. A shortcut presses it, so that
 * each thing is done in one way, whoever asks for it.
 */
export function buttonFor(page: Document, deed: Pressed): HTMLElement | undefined {
	const author = AUTHOR[deed];
	// the newest message may be out of the page, while its reader is far above it
	if (author && page.querySelector('[data-deed="later"]')) return undefined;
	const place = author ? [...page.querySelectorAll(`.thread article.${author}`)].at(-1) : page;
	return place?.querySelector<HTMLElement>(`[data-deed="${deed}"]`) ?? undefined;
}

/** Moves the focus to the message below or above the one that has it, or to the newest. */
export function stepTo(page: Document, direction: 'next' | 'previous'): void {
	const articles = [...page.querySelectorAll<HTMLElement>('.thread article')];
	const at = articles.findIndex((article) => article.contains(page.activeElement));
	const next = at < 0 ? articles.length - 1 : at + (direction === 'next' ? 1 : -1);
	articles[next]?.focus();
}

/** Puts the focus into the field for messages. */
export function write(page: Document): void {
	page.querySelector<HTMLElement>('.composer textarea')?.focus();
}

/** Elements that take text, so that a letter is no shortcut there. */
const TEXT =
	'textarea, select, [contenteditable], input:not([type="checkbox"], [type="radio"], [type="file"])';

/** Whether what has the focus takes text. */
export function isTyping(target: EventTarget | null): boolean {
	return target instanceof Element && target.closest(TEXT) !== null;
}
