/** What is needed of a page and its browser; older browsers have no `wakeLock`. */
interface Browser {
	wakeLock?: Pick<WakeLock, 'request'>;
}

/**
 * Keeps the screen on while the page is visible, so that a phone does not fall asleep over an answer.
 * A browser without wake locks, or one that refuses, as a phone does that saves power, is left to itself.
 * @returns the function that ends it
 */
export function keepAwake(page: Document, browser: Browser): () => void {
	let ended = false;
	let lock: WakeLockSentinel | undefined;
	const hold = async () => {
		// a lock is gone once its page was hidden
		if (ended || page.visibilityState !== 'visible' || (lock && !lock.released)) return;
		try {
			lock = await browser.wakeLock?.request('screen');
			if (ended) await lock?.release();
		} catch (error) {
			console.info('The screen may fall asleep:', error);
		}
	};
	const look = () => void hold();
	page.addEventListener('visibilitychange', look);
	look();
	return () => {
		ended = true;
		page.removeEventListener('visibilitychange', look);
		void lock?.release();
	};
}
