import { codeBlockOf, PageChanged, updateChildren } from './paint.ts';
import { MarkdownStream } from './stream.ts';
import { element, type Attributes, type Tree, type TreeElement } from './tree.ts';
import type { View } from './view.ts';

/** How long a copy button says that it has copied, in milliseconds. */
const COPIED_FOR = 2_000;

/**
 * A block that grows is drawn when there is so much more of it, as a share of its length: a browser lays the
 * whole block out at each change, so that the cost of a long one would grow with the square of its length.
 */
const WORTH_DRAWING = 1 / 512;

/** How long what is not worth drawing may wait for more, in milliseconds. */
const PATIENCE = 100;

/** Blocks of a text that are laid out together. */
const GROUP = 16;

const GROUP_ATTRIBUTES: Attributes = { class: 'text-group' };

/**
 * Puts blocks into boxes of 16: a browser looks at every child of a box whose end changes, so that a
 * long text in one box would cost more and more at each token.
 */
function grouped(blocks: readonly Tree[], before: readonly TreeElement[]): TreeElement[] {
	const groups: TreeElement[] = [];
	for (let i = 0; i < blocks.length; i += GROUP) {
		const children = blocks.slice(i, i + GROUP);
		const old = before[groups.length];
		const same =
			old?.children.length === children.length && children.every((tree, j) => tree === old.children[j]);
		groups.push(old && same ? old : element('div', GROUP_ATTRIBUTES, children));
	}
	return groups;
}

/** Draws Markdown that grows into an element that is its own. */
export class Painter {
	readonly #root: HTMLElement;
	readonly #view: View;
	readonly #onCopy: (text: string) => Promise<void>;
	readonly #stream = new MarkdownStream();
	readonly #timers = new Set<ReturnType<typeof setTimeout>>();
	#drawn: readonly TreeElement[] = [];
	/** The length of the text that is drawn. */
	#length = 0;
	/** What is to be drawn in a moment. */
	#waiting: { text: string; timer: ReturnType<typeof setTimeout> } | undefined;

	constructor(root: HTMLElement, view: View, onCopy: (text: string) => Promise<void>) {
		this.#root = root;
		this.#view = view;
		this.#onCopy = onCopy;
		root.replaceChildren();
		root.addEventListener('click', this.#clicked);
	}

	/** Shows `text`, as in `MarkdownStream.update`: now, or in a moment if it is little beside what stands there. */
	paint(text: string, final: boolean): void {
		const more = text.length - this.#length;
		if (final || more < 0 || more >= this.#stream.growing * WORTH_DRAWING) this.#draw(text, final);
		else if (this.#waiting) this.#waiting.text = text;
		else this.#waiting = { text, timer: setTimeout(() => this.#drawWaiting(), PATIENCE) };
	}

	#drawWaiting(): void {
		if (this.#waiting) this.#draw(this.#waiting.text, false);
	}

	#draw(text: string, final: boolean): void {
		clearTimeout(this.#waiting?.timer);
		this.#waiting = undefined;
		this.#length = text.length;
		const trees = grouped(this.#stream.update(text, final), this.#drawn);
		try {
			updateChildren(this.#root, this.#drawn, trees, this.#view);
		} catch (error) {
			// a translator or another extension has been at the page: draw it afresh
			if (!(error instanceof PageChanged)) throw error;
			this.#root.replaceChildren();
			updateChildren(this.#root, [], trees, this.#view);
		}
		this.#drawn = trees;
	}

	destroy(): void {
		this.#root.removeEventListener('click', this.#clicked);
		for (const timer of this.#timers) clearTimeout(timer);
		clearTimeout(this.#waiting?.timer);
	}

	#clicked = (event: Event): void => {
		const button = event.target instanceof Element ? event.target.closest('button.text-copy') : null;
		const block = button ? codeBlockOf(button) : undefined;
		if (block) this.#onCopy(block.text).then(() => this.#showCopied(block.button), this.#view.fail);
	};

	#showCopied(button: HTMLElement): void {
		const { labels } = this.#view;
		button.textContent = labels.copied;
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			button.textContent = labels.copy;
		}, COPIED_FOR);
		this.#timers.add(timer);
	}
}
