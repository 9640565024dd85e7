/** How near the window's side a swipe begins that opens the list, how far it goes: CSS pixels. */
const EDGE = 32;
const FAR = 60;

/**
 * What a touch screen needs: a swipe from the left side opens the list, one to the left closes it, and the
 * page ends where the keyboard begins, also where the keyboard covers the page instead of shortening it.
 *
 * @param toggle told whether the list is to be open
 * @returns the function that ends it
 */
export function attendTouch(
	page: Window,
	isOpen: () => boolean,
	toggle: (open: boolean) => void
): () => void {
	const ends = [watchSwipes(page, isOpen, toggle)];
	if (page.visualViewport) ends.push(fitAboveKeyboard(page, page.visualViewport));
	return () => ends.forEach((end) => end());
}

function watchSwipes(page: Window, isOpen: () => boolean, toggle: (open: boolean) => void): () => void {
	let start: { x: number; y: number } | undefined;
	const begin = ({ touches }: TouchEvent) => {
		const touch = touches.length === 1 ? touches[0] : undefined;
		const counts = touch && (isOpen() || touch.clientX <= EDGE);
		start = counts ? { x: touch.clientX, y: touch.clientY } : undefined;
	};
	const end = ({ changedTouches }: TouchEvent) => {
		const touch = changedTouches[0];
		if (!touch || !start) return;
		const across = touch.clientX - start.x;
		const along = Math.abs(touch.clientY - start.y);
		start = undefined;
		if (Math.abs(across) >= FAR && along < Math.abs(across) / 2 && across > 0 !== isOpen())
			toggle(across > 0);
	};
	page.addEventListener('touchstart', begin, { passive: true });
	page.addEventListener('touchend', end, { passive: true });
	return () => {
		page.removeEventListener('touchstart', begin);
		page.removeEventListener('touchend', end);
	};
}

/** Safari lays its keyboard over the page and moves the page up; elsewhere this changes nothing. */
function fitAboveKeyboard(page: Window, viewport: VisualViewport): () => void {
	const fit = () => {
		// whoever zooms in wants to see a part of the page, not a smaller page
		if (viewport.scale !== 1) return;
		page.document.documentElement.style.setProperty('--height', `${String(viewport.height)}px`);
		page.scrollTo(0, 0);
	};
	viewport.addEventListener('resize', fit);
	return () => {
		viewport.removeEventListener('resize', fit);
		page.document.documentElement.style.removeProperty('--height');
	};
}

/** Not in every browser, nor yet in TypeScript. */
interface Closing {
	CloseWatcher?: new () => { onclose: (() => void) | null; destroy: () => void };
}

/**
 * Lets the device's gesture or key for "back" close what is open, where the browser can.
 * @returns the function to call when it is closed
 */
export function onBack(close: () => void): () => void {
	const { CloseWatcher } = globalThis as unknown as Closing;
	if (!CloseWatcher) return () => undefined;
	const watcher = new CloseWatcher();
	watcher.onclose = close;
	return () => watcher.destroy();
}
