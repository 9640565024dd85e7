/** Held by each tab that is looked at. */
const LOCK = 'alcove:watched';

/** What is asked of a tab: its `document`. */
type Tab = EventTarget & Pick<Document, 'visibilityState' | 'hasFocus'>;

/**
 * Knows whether the person is looking at the app, in whichever of its tabs: the one that hears of something need not
 * be the one that is looked at. A lock says so, as it ends with its tab however that ends.
 */
export class Watched {
	readonly #locks: Pick<LockManager, 'request' | 'query'>;
	readonly #tab: Tab;
	/** Lets go of the lock; undefined while this tab is not looked at. */
	#release: (() => void) | undefined;

	/** @param events what tells of the focus: the `window` of the tab */
	constructor(locks: Pick<LockManager, 'request' | 'query'>, tab: Tab, events: EventTarget) {
		this.#locks = locks;
		this.#tab = tab;
		const look = () => this.#look();
		tab.addEventListener('visibilitychange', look);
		for (const type of ['focus', 'blur']) events.addEventListener(type, look);
		look();
	}

	/** Whether any tab is looked at now. */
	async now(): Promise<boolean> {
		if (this.#isSeen()) return true;
		const { held } = await this.#locks.query();
		return (held ?? []).some(({ name }) => name === LOCK);
	}

	#isSeen(): boolean {
		return this.#tab.visibilityState === 'visible' && this.#tab.hasFocus();
	}

	#look(): void {
		if (this.#isSeen() === (this.#release !== undefined)) return;
		this.#release?.();
		this.#release = this.#isSeen() ? this.#hold() : undefined;
	}

	#hold(): () => void {
		const { promise, resolve } = Promise.withResolvers<undefined>();
		this.#locks
			.request(LOCK, { mode: 'shared' }, () => promise)
			.catch((error: unknown) => console.error('Other tabs are not told that this one is looked at:', error));
		return () => resolve(undefined);
	}
}
