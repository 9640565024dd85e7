import { parse } from 'svelte/compiler';
import { isNode, lineOf, walk, type SvelteNode } from '../svelte-ast.ts';

/** Attributes, and props of components, that people see or hear. */
const SPOKEN = new Set([
	...['aria-label', 'aria-description', 'aria-placeholder', 'aria-roledescription', 'aria-valuetext'],
	...['title', 'placeholder', 'alt', 'label', 'description', 'heading']
]);

/**
 * Finds words in a component's markup that no translation reaches: texts, spoken attributes, and strings
 * that an expression there results in. An element with translate="no" may hold such words (names, keys).
 * @returns each as "line: words"
 */
export function hardCodedWords(source: string): string[] {
	const { fragment } = parse(source, { modern: true });
	const exempt: SvelteNode[] = [];
	walk(fragment, (node) => {
		if (isUntranslated(node)) walk(node['fragment'], (child) => exempt.push(child));
	});
	const found: string[] = [];
	walk(fragment, (node) => {
		if (exempt.includes(node)) return;
		for (const { text, node: place } of wordsAt(node)) {
			if (/\p{L}/u.test(text)) found.push(`${lineOf(place, source)}: ${text.trim()}`);
		}
	});
	return found;
}

interface Words {
	text: string;
	node: SvelteNode;
}

function wordsAt(node: SvelteNode): Words[] {
	if (node.type === 'Fragment') return list(node['nodes']).flatMap(wordsOf);
	if (node.type === 'Attribute' && SPOKEN.has(String(node['name']))) {
		return list([node['value']].flat()).flatMap(wordsOf);
	}
	return [];
}

/** The words of a text, or those that an expression may result in. */
function wordsOf(node: SvelteNode): Words[] {
	switch (node.type) {
		case 'Text':
			return [{ text: String(node['data']), node }];
		case 'Literal':
			return typeof node['value'] === 'string' ? [{ text: node['value'], node }] : [];
		case 'ExpressionTag':
			return list([node['expression']]).flatMap(wordsOf);
		case 'ConditionalExpression':
			return list([node['consequent'], node['alternate']]).flatMap(wordsOf);
		case 'LogicalExpression':
		case 'BinaryExpression':
			return node['operator'] === '+' || node.type === 'LogicalExpression'
				? list([node['left'], node['right']]).flatMap(wordsOf)
				: [];
		case 'TemplateLiteral':
			return [...list(node['quasis']), ...list(node['expressions'])].flatMap(wordsOf);
		case 'TemplateElement':
			return [{ text: cooked(node['value']), node }];
		default:
			return [];
	}
}

function cooked(value: unknown): string {
	return typeof value === 'object' && value !== null && 'cooked' in value ? String(value.cooked) : '';
}

function list(value: unknown): SvelteNode[] {
	return Array.isArray(value) ? value.filter(isNode) : [];
}

function isUntranslated(node: SvelteNode): boolean {
	return list(node['attributes']).some((attribute) => {
		const [value] = list(attribute['value']);
		return attribute['name'] === 'translate' && value?.['data'] === 'no';
	});
}
