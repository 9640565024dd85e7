/** How far beyond the screen there must be messages, and how far they are kept, in screens. */
const AHEAD = 1.5;
const KEPT = 3;

/** How many messages come, and at least go, at a time: not so many that a frame is late. */
const STEP = 8;

/** The depths of the first and the last message that are to be shown; without `last` up to the end. */
export interface Wanted {
	first: number;
	last?: number;
}

/** What of a conversation is in the page. */
export interface Shown {
	entries: readonly { message: { depth: number } }[];
	later: number;
}

/** Calls when an element comes near the part of `scroller` that is seen, or is there already. For `{@attach}`. */
export function near(scroller: HTMLElement, onNear: () => void) {
	return (element: HTMLElement) => {
		const observer = new IntersectionObserver(
			(sights) => {
				if (sights.some(({ isIntersecting }) => isIntersecting)) onNear();
			},
			{ root: scroller, rootMargin: `${AHEAD * 100}% 0px` }
		);
		observer.observe(element);
		return () => observer.disconnect();
	};
}

/** The first and the last message that must stay: those around the screen, with the focus, or being edited. */
function kept(scroller: HTMLElement): { from: number; to: number } {
	const { top, bottom, height } = scroller.getBoundingClientRect();
	const articles = [...scroller.querySelectorAll('article')];
	const stays = (article: Element) => {
		const at = article.getBoundingClientRect();
		return (
			(at.bottom > top - KEPT * height && at.top < bottom + KEPT * height) ||
			article.matches(':focus-within, :has(form)')
		);
	};
	return { from: articles.findIndex(stays), to: articles.findLastIndex(stays) };
}

/** What is to be shown when a reader comes near one end: more there, and less at the other. */
export function turned(scroller: HTMLElement, { entries, later }: Shown, up: boolean): Wanted | undefined {
	const first = entries[0]?.message.depth;
	const last = entries.at(-1)?.message.depth;
	if (first === undefined || last === undefined) return undefined;
	const { from, to } = kept(scroller);
	if (up) {
		const drop = to < 0 ? 0 : entries.length - 1 - to;
		if (drop >= STEP) return { first: first - STEP, last: last - drop };
		return later > 0 ? { first: first - STEP, last } : { first: first - STEP };
	}
	const start = from >= STEP ? first + from : first;
	return later > STEP ? { first: start, last: last + STEP } : { first: start };
}

/** Where a reader is, while messages come and go around them. */
export class Place {
	#anchor: Element | undefined;
	#top = 0;

	/** Remembers the first message on the screen. */
	note(scroller: HTMLElement): void {
		const { top } = scroller.getBoundingClientRect();
		const articles = [...scroller.querySelectorAll('article')];
		this.#anchor = articles.find((article) => article.getBoundingClientRect().bottom > top);
		this.#top = this.#anchor?.getBoundingClientRect().top ?? 0;
	}

	/** Puts that message where it was. @returns whether it is still there, or none was */
	restore(scroller: HTMLElement): boolean {
		const anchor = this.#anchor;
		this.#anchor = undefined;
		if (!anchor) return true;
		if (!anchor.isConnected) return false;
		const moved = anchor.getBoundingClientRect().top - this.#top;
		if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
		return true;
	}
}
