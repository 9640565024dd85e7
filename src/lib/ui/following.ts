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
		const toEnd = () => scroller.scrollTo({ top: scroller.scrollHeight });
		const look = () => {
			const now = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
			if (now !== atEnd) onChange(now);
			atEnd = now;
		};
		const grown = new ResizeObserver(() => {
			if (atEnd) toEnd();
			else look();
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
