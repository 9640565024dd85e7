/** A node of Svelte's syntax tree, of markup or of script, as a walker sees it. */
export interface SvelteNode {
	type: string;
	/** Its place in the source; a fragment has none of its own. */
	start?: number;
	[field: string]: unknown;
}

export function isNode(value: unknown): value is SvelteNode {
	return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The line, from 1, that a node starts on. */
export function lineOf(node: SvelteNode, source: string): number {
	return source.slice(0, node.start ?? 0).split('\n').length;
}

/** Visits every node below and including `value`, parents first. */
export function walk(value: unknown, visit: (node: SvelteNode) => void): void {
	if (typeof value !== 'object' || value === null) return;
	if (isNode(value)) visit(value);
	// positions and the compiler's own notes hold no source
	for (const [field, child] of Object.entries(value)) {
		if (field !== 'loc' && field !== 'metadata') walk(child, visit);
	}
}
