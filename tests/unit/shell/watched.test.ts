import { expect, test, vi } from 'vitest';
import { Watched } from '#lib/shell/watched.ts';

/** A tab that looks at the app or not, and tells so. */
function openTab() {
	const state = { visibilityState: 'visible' as DocumentVisibilityState, focused: true };
	class Tab extends EventTarget {
		get visibilityState() {
			return state.visibilityState;
		}
		hasFocus = () => state.focused;
	}
	const [document, window] = [new Tab(), new EventTarget()];
	return {
		watched: new Watched(navigator.locks, document, window),
		hide() {
			state.visibilityState = 'hidden';
			document.dispatchEvent(new Event('visibilitychange'));
		},
		focus(focused: boolean) {
			state.focused = focused;
			window.dispatchEvent(new Event(focused ? 'focus' : 'blur'));
		}
	};
}

test('a tab knows that another one is looked at, until it is not any more', async () => {
	const [one, two] = [openTab(), openTab()];
	expect([await one.watched.now(), await two.watched.now()]).toEqual([true, true]);
	one.focus(false);
	expect(await one.watched.now()).toBe(true);
	two.focus(false);
	await vi.waitFor(async () => expect(await one.watched.now()).toBe(false));
	two.focus(true);
	await vi.waitFor(async () => expect(await one.watched.now()).toBe(true));
	two.hide();
	await vi.waitFor(async () => expect(await one.watched.now()).toBe(false));
	expect(await two.watched.now()).toBe(false);
	// what a tab is told twice is one lock, let go of once
	one.focus(true);
	one.focus(true);
	one.focus(false);
	await vi.waitFor(async () => expect(await two.watched.now()).toBe(false));
});
