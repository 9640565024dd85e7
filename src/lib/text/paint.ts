import { CodeBlock } from './code-block.ts';
import { drawFormula } from './formula.ts';
import type { Tree, TreeElement, TreeFormula } from './tree.ts';
import type { View } from './view.ts';

const codeBlocks = new WeakMap<Node, CodeBlock>();

/** The code block that a copy button belongs to. */
export function codeBlockOf(button: Element): CodeBlock | undefined {
	const element = button.closest('.text-code');
	return element ? codeBlocks.get(element) : undefined;
}

/** The page is not what was drawn there: something else has changed it. */
export class PageChanged extends Error {
	override readonly name = 'PageChanged';
}

function drawElement(tree: TreeElement, view: View): HTMLElement {
	const element = document.createElement(tree.tag);
	for (const [name, value] of Object.entries(tree.attributes)) element.setAttribute(name, value);
	if (tree.label) element.setAttribute('aria-label', view.labels[tree.label]);
	for (const child of tree.children) element.append(draw(child, view));
	return element;
}

/** Makes the one DOM node of a tree. */
export function draw(tree: Tree, view: View): Node {
	switch (tree.kind) {
		case 'text':
			return document.createTextNode(tree.text);
		case 'element':
			return drawElement(tree, view);
		case 'formula':
			return drawFormula(tree, view);
		case 'code': {
			const block = new CodeBlock(tree, view);
			codeBlocks.set(block.element, block);
			return block.element;
		}
	}
}

function updateAttributes(element: Element, before: TreeElement, after: TreeElement): void {
	if (before.attributes === after.attributes) return;
	const old: Readonly<Record<string, string>> = before.attributes;
	const now: Readonly<Record<string, string>> = after.attributes;
	for (const name of Object.keys(old)) if (!(name in now)) element.removeAttribute(name);
	for (const [name, value] of Object.entries(now)) if (old[name] !== value) element.setAttribute(name, value);
}

function isSameFormula(before: TreeFormula, after: TreeFormula): boolean {
	return before.source === after.source && before.closed === after.closed && before.block === after.block;
}

/** Whether `node`, drawn from `before`, could be made to show `after`. */
function update(node: Node, before: Tree, after: Tree, view: View): boolean {
	switch (after.kind) {
		case 'text':
			if (before.kind !== 'text' || !(node instanceof Text)) return false;
			if (after.text === before.text) return true;
			if (after.text.startsWith(before.text)) node.appendData(after.text.slice(before.text.length));
			else node.data = after.text;
			return true;
		case 'element':
			if (before.kind !== 'element' || before.tag !== after.tag || !(node instanceof Element)) return false;
			if (before.label !== after.label) return false;
			updateAttributes(node, before, after);
			updateChildren(node, before.children, after.children, view);
			return true;
		case 'formula':
			return before.kind === 'formula' && isSameFormula(before, after);
		case 'code':
			return before.kind === 'code' && (codeBlocks.get(node)?.update(after) ?? false);
	}
}

/**
 * Turns the children of `parent`, drawn from `before`, into those of `after`, touching only what differs.
 * @throws PageChanged when they are not what was drawn
 */
export function updateChildren(
	parent: Node,
	before: readonly Tree[],
	after: readonly Tree[],
	view: View
): void {
	let i = 0;
	while (i < before.length && i < after.length && before[i] === after[i]) i++;
	let node = i < before.length ? (parent.childNodes[i] ?? null) : null;
	for (; i < before.length; i++) {
		if (!node) throw new PageChanged('a drawn node is gone');
		const next: ChildNode | null = node.nextSibling;
		const old = before[i];
		const now = after[i];
		if (!now) node.remove();
		else if (old && old !== now && !update(node, old, now, view)) node.replaceWith(draw(now, view));
		node = next;
	}
	for (; i < after.length; i++) {
		const tree = after[i];
		if (tree) parent.appendChild(draw(tree, view));
	}
}
