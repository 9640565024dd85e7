import './spotlight.css';

/** Shows a message in the middle of the thread, marks it and gives it the focus. @returns what takes the mark away */
export function spotlight(article: HTMLElement): () => void {
	article.tabIndex = -1;
	article.classList.add('spotlight');
	article.scrollIntoView({ block: 'center' });
	// again after the thread has gone to its end, as it does when it is first laid out
	let frame = requestAnimationFrame(() => {
		frame = requestAnimationFrame(() => {
			article.scrollIntoView({ block: 'center' });
			article.focus({ preventScroll: true });
		});
	});
	return () => {
		cancelAnimationFrame(frame);
		article.classList.remove('spotlight');
	};
}
