/** How near the end counts as being there, in CSS pixels: zoomed screens scroll by fractions. */
const NEAR = 24;

/**
 * Keeps a growing thread in view while its reader is at the end, and leaves their place alone when
 * they are not.
 *
 * @param scroller scrolls; its only child grows
 * @param isWhole whether the end of the thread is in the page
 * @param onChange told whether the reader is at the end
 */
export function follow(scroller: HTMLElement, isWhole: () => boolean, onChange: (atEnd: boolean) => void) {
	let atEnd = true;
	let top = scroller.scrollTop;
	const toEnd = () => scroller.scrollTo({ top: scroller.scrollHeight });
	const set = (now: boolean) => {
		if (now !== atEnd) onChange(now);
		atEnd = now;
	};
	const isNear = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
	const look = () => {
		// text may have grown since a scroll to the end: only a way up is the reader's wish to leave
		if (isNear()) set(isWhole());
		else if (scroller.scrollTop < top) set(false);
		top = scroller.scrollTop;
	};
	const grown = new ResizeObserver(() => {
		if (!isWhole()) set(false);
		else if (atEnd) toEnd();
		else if (isNear()) set(true);
	});
	grown.observe(scroller);
	for (const child of scroller.children) grown.observe(child);
	scroller.addEventListener('scroll', look, { passive: true });
	return {
		/** Goes to the end of what is in the page, and stays there. */
		toEnd() {
			toEnd();
			top = scroller.scrollTop;
			set(true);
		},
		end() {
			grown.disconnect();
			scroller.removeEventListener('scroll', look);
		}
	};
}
