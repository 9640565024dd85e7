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
	/** Where the wheel began to turn the thread away from its end, as long as it does. */
	let leaving: number | undefined;
	let top = scroller.scrollTop;
	const toEnd = () => {
		scroller.scrollTo({ top: scroller.scrollHeight });
		top = scroller.scrollTop;
	};
	const set = (now: boolean) => {
		if (now !== atEnd) onChange(now);
		atEnd = now;
	};
	const isBack = () =>
		leaving === undefined && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
	const look = () => {
		if (scroller.scrollTop > top) leaving = undefined;
		// text may have grown since a scroll to the end: only a way up is the reader's wish to leave
		if (isBack()) set(isWhole());
		else if (scroller.scrollTop < top) set(false);
		top = scroller.scrollTop;
	};
	const onWheel = ({ deltaY, ctrlKey }: WheelEvent) => {
		if (deltaY >= 0 || ctrlKey || scroller.scrollTop <= 0) return;
		leaving = scroller.scrollTop;
		set(false);
	};
	const onScrollEnd = () => {
		// an earlier scroll may end after the wheel was heard and before it has moved anything
		if (leaving === undefined || scroller.scrollTop >= leaving) return;
		leaving = undefined;
		look();
	};
	const grown = new ResizeObserver(() => {
		if (!isWhole()) set(false);
		else if (atEnd) toEnd();
		else if (isBack()) set(true);
	});
	grown.observe(scroller);
	for (const child of scroller.children) grown.observe(child);
	scroller.addEventListener('scroll', look, { passive: true });
	scroller.addEventListener('scrollend', onScrollEnd);
	// not passive: the wheel moves nothing before this is heard, so that no step to the end shifts its way
	scroller.addEventListener('wheel', onWheel, { passive: false });
	return {
		/** Goes to the end of what is in the page, and stays there. */
		toEnd() {
			leaving = undefined;
			toEnd();
			set(true);
		},
		end() {
			grown.disconnect();
			scroller.removeEventListener('scroll', look);
			scroller.removeEventListener('scrollend', onScrollEnd);
			scroller.removeEventListener('wheel', onWheel);
		}
	};
}
