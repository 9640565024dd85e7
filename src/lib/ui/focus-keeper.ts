const PLACES = 'form, article, nav, main';
const CONTROLS = 'textarea, input, button, a[href]';

/**
 * Keeps the keyboard's place when what has the focus goes away, as a button does that is used up: the focus
 * goes to the nearest part of the page around it that is still there, instead of to the page's start; where another
 * control goes on with its work (`data-heir` names that one's `data-deed`), to that.
 * @returns the function that ends it
 */
export function keepFocus(page: Document): () => void {
	let last: Element | undefined;
	let places: HTMLElement[] = [];
	const note = (element: Element | null) => {
		if (!element || element === page.body) return;
		last = element;
		places = [];
		let place = element.closest<HTMLElement>(PLACES);
		for (; place; place = place.parentElement?.closest<HTMLElement>(PLACES) ?? null) places.push(place);
	};
	const onFocus = () => note(page.activeElement);
	const onBlur = ({ target }: FocusEvent) =>
		// what goes away is blurred, too, but is not there any more a moment later
		queueMicrotask(() => {
			if (target === last && last?.isConnected && page.activeElement !== last) last = undefined;
		});
	const changes = new MutationObserver(() => {
		if (!last || last.isConnected || page.activeElement !== page.body) return;
		const name = last.getAttribute('data-heir');
		last = undefined;
		const heir = name && page.querySelector<HTMLElement>(`[data-deed="${name}"]`);
		if (heir) return heir.focus({ preventScroll: true });
		const place = places.find(({ isConnected }) => isConnected) ?? page.querySelector<HTMLElement>('main');
		if (place) enter(place);
	});

	onFocus();
	page.addEventListener('focusin', onFocus);
	page.addEventListener('focusout', onBlur);
	changes.observe(page.body, { subtree: true, childList: true });
	return () => {
		page.removeEventListener('focusin', onFocus);
		page.removeEventListener('focusout', onBlur);
		changes.disconnect();
	};
}

/** A form or a list is entered at its first control, anything to be read as a whole. */
function enter(place: HTMLElement): void {
	const control = place.matches('form, nav') ? place.querySelector<HTMLElement>(CONTROLS) : null;
	if (!control && !place.hasAttribute('tabindex')) place.tabIndex = -1;
	(control ?? place).focus({ preventScroll: true });
}
