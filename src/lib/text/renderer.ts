import { IdleQueue } from './idle-queue.ts';
import { Lazy } from './lazy.ts';
import type { Painter } from './painter.ts';
import type { Labels } from './tree.ts';

export type { Labels };

export interface RendererOptions {
	/** In the reader's language. */
	labels: Labels;
	/** Puts a code block's text on the clipboard. */
	onCopy: (text: string) => Promise<void>;
	/**
	 * Told of what failed: a part that could not be loaded, a copy that was refused. The text stays
	 * readable. Without it errors go to the window's `error` event.
	 */
	onFailure?: (error: unknown) => void;
}

/** A text in the page. */
export interface Renderer {
	/**
	 * Shows the whole text so far; call it at most once a frame.
	 * @param text continues the one before while it is written; any other is drawn anew
	 * @param final that nothing follows
	 */
	update(text: string, final: boolean): void;
	/** Resolves when the last text stands as it should, coloured and with its formulas set. */
	settled(): Promise<void>;
	/** Takes the text out of the page. */
	destroy(): void;
}

const painting = new Lazy(() => import('./painter.ts'));

/** Loads what draws Markdown, so that the next text is drawn at once. */
export async function prepare(): Promise<void> {
	await painting.load();
}

/** Text as it is, for as long as nothing better can be shown. */
function showPlain(root: HTMLElement, text: string): void {
	const first = root.firstChild;
	if (first instanceof Text && text.startsWith(first.data)) first.appendData(text.slice(first.data.length));
	else root.textContent = text;
}

/**
 * Shows a growing Markdown text in `host`: plain at first, drawn when the reader of Markdown is there.
 */
export function createRenderer(host: HTMLElement, options: RendererOptions): Renderer {
	const fail = options.onFailure ?? reportError;
	const later = new IdleQueue(fail);
	const root = document.createElement('div');
	root.className = 'text text-plain';
	root.dir = 'auto';
	host.append(root);
	let state: { kind: 'plain' } | { kind: 'drawn'; painter: Painter } | { kind: 'gone' } = { kind: 'plain' };
	let last = { text: '', final: false };

	const paint = (): void => {
		const module = painting.now;
		if (state.kind === 'gone' || !module) return;
		if (state.kind === 'plain') {
			root.className = 'text';
			root.removeAttribute('dir');
			state = {
				kind: 'drawn',
				painter: new module.Painter(root, { labels: options.labels, later, fail }, options.onCopy)
			};
		}
		state.painter.paint(last.text, last.final);
	};

	return {
		update(text, final) {
			last = { text, final };
			if (painting.now) paint();
			else if (state.kind === 'plain') {
				showPlain(root, text);
				later.addAfter(painting.load(), () => state.kind === 'plain' && paint());
			}
		},
		settled: () => later.settled(),
		destroy() {
			if (state.kind === 'drawn') state.painter.destroy();
			state = { kind: 'gone' };
			later.clear();
			root.remove();
		}
	};
}
