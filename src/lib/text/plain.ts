import { MarkdownStream } from './stream.ts';
import type { Tree, TreeElement } from './tree.ts';

/** The words of trees within a line. */
function words(trees: readonly Tree[]): string {
	return trees.map(word).join('');
}

function word(tree: Tree): string {
	switch (tree.kind) {
		case 'text':
			return tree.text;
		case 'code':
			return tree.text.replace(/\n$/, '');
		case 'formula':
			return tree.closed ? tree.tex : tree.source;
		case 'element':
			if (tree.tag === 'br') return '\n';
			if (tree.tag === 'input') return 'checked' in tree.attributes ? '[x]' : '[ ]';
			return words(tree.children);
	}
}

function row(tree: Tree): string {
	return tree.kind === 'element' ? tree.children.map(word).join('\t') : word(tree);
}

function rows(table: TreeElement): string {
	return table.children.flatMap((part) => (part.kind === 'element' ? part.children.map(row) : [])).join('\n');
}

function indent(text: string, first: string, others: string): string {
	const lines = text.split('\n').map((line, i) => {
		const margin = i === 0 ? first : others;
		return line === '' ? margin.trimEnd() : margin + line;
	});
	return lines.join('\n');
}

function list(tree: TreeElement): string {
	const start = Number(tree.attributes.start ?? 1);
	const gap = tree.attributes.class === 'text-loose' ? '\n\n' : '\n';
	const items = tree.children.map((item, i) => {
		const mark = tree.tag === 'ol' ? `${String(start + i)}. ` : '- ';
		return item.kind === 'element' ? indent(blocks(item.children, gap), mark, ' '.repeat(mark.length)) : '';
	});
	return items.join(gap);
}

function block(tree: Tree): string {
	if (tree.kind !== 'element') return word(tree);
	switch (tree.tag) {
		case 'ul':
		case 'ol':
			return list(tree);
		case 'blockquote':
			return indent(blocks(tree.children, '\n\n'), '> ', '> ');
		case 'hr':
			return '—';
		case 'div':
			return tree.children.map((table) => (table.kind === 'element' ? rows(table) : '')).join('\n');
		default:
			return words(tree.children);
	}
}

function blocks(trees: readonly Tree[], gap: string): string {
	return trees.map(block).join(gap);
}

/**
 * A Markdown text without its marks, for the clipboard and for search: code and TeX as they are,
 * a table's cells parted by tabs. This file brings the reader of Markdown: import it when wanted.
 */
export function toPlainText(markdown: string): string {
	return blocks(new MarkdownStream().update(markdown, true), '\n\n');
}
