import { Lazy } from './lazy.ts';
import type { TreeFormula } from './tree.ts';
import type { View } from './view.ts';

const typesetting = new Lazy(() => import('./typeset.ts'));

/** Formulas up to this length are set at once, where the typesetter is there: no flicker while one writes. */
const SHORT = 60;

function host(tree: TreeFormula, view: View): HTMLElement {
	const element = document.createElement(tree.block ? 'div' : 'span');
	element.className = tree.display ? 'text-formula text-formula-display' : 'text-formula';
	element.dir = 'ltr';
	if (tree.block) {
		element.tabIndex = 0;
		element.setAttribute('role', 'group');
		element.setAttribute('aria-label', view.labels.formula);
	}
	return element;
}

/** A formula in the page: as its source at first, then set; one that TeX does not understand stays source. */
export function drawFormula(tree: TreeFormula, view: View): HTMLElement {
	const element = host(tree, view);
	const source = document.createElement('code');
	source.className = 'text-formula-source';
	source.textContent = tree.source;
	element.append(source);
	if (!tree.closed) return element;
	const { now } = typesetting;
	if (now && tree.tex.length <= SHORT) set(element, tree, now.typeset);
	else view.later.addAfter(typesetting.load(), ({ typeset }) => set(element, tree, typeset));
	return element;
}

type Typeset = (tex: string, display: boolean) => DocumentFragment;

function set(element: HTMLElement, tree: TreeFormula, typeset: Typeset): void {
	try {
		element.replaceChildren(typeset(tree.tex, tree.display));
	} catch {
		// not TeX, or TeX that may not be: the source stays, and says more than an error would
		element.classList.add('text-formula-unset');
	}
}
