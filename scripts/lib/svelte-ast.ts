/** A node of Svelte's syntax tree, of markup or of script, as a walker sees it. */
export interface SvelteNode {
	type: string;
	start: number;
	[field: string]: unknown;
}

export function isNode(value: unknown): value is SvelteNode {
	if (typeof value !== 'object' || value === null) return false;
	return (
		'type' in value && typeof value.type === 'string' && 'start' in value && typeof value.start === 'number'
	);
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
