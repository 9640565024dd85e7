/** How near the end counts as being there, in CSS pixels: zoomed screens scroll by fractions. */
const NEAR = 24;

/**
 * Keeps a growing thread in view while its reader is at the end, and leaves their place alone when
 * they are not. For `{@attach}` on the element that scrolls, whose only child grows.
 *
 * @param onChange told whether the reader is at the end
 */
export function following(onChange: (atEnd: boolean) => void) {
	return (scroller: HTMLElement) => {
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
			if (isNear()) set(true);
			else if (scroller.scrollTop < top) set(false);
			top = scroller.scrollTop;
		};
		const grown = new ResizeObserver(() => {
			if (atEnd) toEnd();
			else if (isNear()) set(true);
		});
		grown.observe(scroller);
		for (const child of scroller.children) grown.observe(child);
		scroller.addEventListener('scroll', look, { passive: true });
		return () => {
			grown.disconnect();
			scroller.removeEventListener('scroll', look);
		};
	};
}
