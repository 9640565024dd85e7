import { codeParts, dealRuns, LONGEST_COLOURED, stretches, type Run } from './colour-runs.ts';
import { grammarName } from './languages.ts';
import { Lazy } from './lazy.ts';
import type { TreeCode } from './tree.ts';
import type { View } from './view.ts';

const colouring = new Lazy(() => import('./colour.ts'));

function create<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	attributes: Readonly<Record<string, string>>,
	...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
	element.append(...children);
	return element;
}

/** A code block in the page: its language, a button that copies it, and the code, coloured once it is whole. */
export class CodeBlock {
	readonly element: HTMLElement;
	readonly button: HTMLButtonElement;
	readonly #code: HTMLElement;
	readonly #view: View;
	#tree: TreeCode;
	/** Where the last part begins. */
	#lastPart = 0;

	constructor(tree: TreeCode, view: View) {
		this.#tree = tree;
		this.#view = view;
		const { labels } = view;
		const name = tree.language ? `${labels.code}: ${tree.language}` : labels.code;
		this.button = create('button', { type: 'button', class: 'text-copy' }, labels.copy);
		this.#code = create('code', {});
		this.#append(tree.text);
		this.element = create(
			'div',
			{ class: 'text-code', dir: 'ltr' },
			create(
				'div',
				{ class: 'text-code-head' },
				create('span', { class: 'text-code-language' }, tree.language),
				this.button
			),
			create('pre', { role: 'group', 'aria-label': name, tabindex: '0' }, this.#code)
		);
		if (tree.closed) this.#finish();
	}

	/** The code, without the line end that closes its last line. */
	get text(): string {
		return this.#tree.text.replace(/\n$/, '');
	}

	/** Shows `tree` instead, if it is this code gone on; false if it is another. */
	update(tree: TreeCode): boolean {
		const before = this.#tree;
		const same = tree.language === before.language && tree.text.startsWith(before.text);
		if (!same || (before.closed && (!tree.closed || tree.text !== before.text))) return false;
		this.#tree = tree;
		const more = tree.text.slice(before.text.length);
		if (more) this.#append(more);
		if (tree.closed && !before.closed) this.#finish();
		return true;
	}

	/** Adds text at the end, to the last part as far as it goes. */
	#append(more: string): void {
		const before = this.#tree.text.length - more.length;
		const [first = '', ...others] = codeParts(this.#tree.text.slice(this.#lastPart));
		const added = first.slice(before - this.#lastPart);
		const last = this.#code.lastElementChild;
		if (!last) this.#code.append(create('span', {}, added));
		else if (added) last.append(added);
		if (others.length === 0) return;
		this.#code.append(...others.map((part) => create('span', {}, part)));
		this.#lastPart = this.#tree.text.length - (others.at(-1)?.length ?? 0);
	}

	/** The code is whole: its pieces become one, then coloured, a stretch at a time. */
	#finish(): void {
		const { later } = this.#view;
		later.add(() => this.#code.normalize());
		const grammar = grammarName(this.#tree.language);
		if (grammar)
			later.addAfter(
				colouring.load().then(({ colourer }) => colourer(grammar)),
				(colour) => this.#colour(colour)
			);
	}

	#colour(colour: (code: string) => Run[]): void {
		const parts = codeParts(this.#tree.text);
		const elements = [...this.#code.children];
		for (const { first, code, count } of stretches(parts)) {
			if (code.length > LONGEST_COLOURED) continue;
			this.#view.later.add(() => {
				const lengths = parts.slice(first, first + count).map((part) => part.length);
				for (const [i, runs] of dealRuns(colour(code), lengths).entries())
					elements[first + i]?.replaceChildren(...runs.map(draw));
			});
		}
	}
}

function draw({ text, kind }: Run): Node {
	return kind ? create('span', { class: kind }, text) : document.createTextNode(text);
}
