/**
 * What a Markdown text is, before it is DOM: plain immutable data. A part that has not changed is the
 * same object as before, so that drawing can pass it over.
 */

/** Words the drawn text needs, in the reader's language. */
export interface Labels {
	/** On the button that copies a code block. */
	copy: string;
	/** On the same button for a moment after. */
	copied: string;
	/** Name of a code block, for a screen reader; its language follows. */
	code: string;
	/** Name of a table that scrolls sideways. */
	table: string;
	/** Name of a formula that scrolls sideways. */
	formula: string;
}

export type Tag =
	| 'a'
	| 'blockquote'
	| 'br'
	| 'code'
	| 'del'
	| 'div'
	| 'em'
	| 'h1'
	| 'h2'
	| 'h3'
	| 'h4'
	| 'h5'
	| 'h6'
	| 'hr'
	| 'input'
	| 'label'
	| 'li'
	| 'ol'
	| 'p'
	| 'strong'
	| 'table'
	| 'tbody'
	| 'td'
	| 'th'
	| 'thead'
	| 'tr'
	| 'ul';

export type Attribute =
	| 'checked'
	| 'class'
	| 'dir'
	| 'disabled'
	| 'href'
	| 'rel'
	| 'role'
	| 'start'
	| 'tabindex'
	| 'target'
	| 'title'
	| 'type';

export type Attributes = Readonly<Partial<Record<Attribute, string>>>;

export interface TreeText {
	readonly kind: 'text';
	readonly text: string;
}

export interface TreeElement {
	readonly kind: 'element';
	readonly tag: Tag;
	readonly attributes: Attributes;
	readonly children: readonly Tree[];
	/** Which label names it, where it needs a name. */
	readonly label?: keyof Labels;
}

/** A code block. `language` is the word after the fence, empty when there is none. */
export interface TreeCode {
	readonly kind: 'code';
	readonly language: string;
	readonly text: string;
	/** False while the fence that ends it has not been seen. */
	readonly closed: boolean;
}

/** A formula: `tex` without its delimiters, `source` with them. */
export interface TreeFormula {
	readonly kind: 'formula';
	readonly tex: string;
	readonly source: string;
	/** Set on its own line, large; else within a line of text. */
	readonly display: boolean;
	/** A block of its own, not part of a paragraph. */
	readonly block: boolean;
	/** False while the delimiter that ends it has not been seen: then it is shown as its source. */
	readonly closed: boolean;
}

export type Tree = TreeText | TreeElement | TreeCode | TreeFormula;

/** A text node. */
export function text(content: string): TreeText {
	return { kind: 'text', text: content };
}

/** An element with its children. */
export function element(tag: Tag, attributes: Attributes, children: readonly Tree[]): TreeElement {
	return { kind: 'element', tag, attributes, children };
}
