import { createLowlight } from 'lowlight';
import type { Run } from './colour-runs.ts';
import { loadGrammars } from './languages.ts';

const lowlight = createLowlight();

type Root = ReturnType<typeof lowlight.highlight>;
type Child = Root['children'][number];

function collect(children: readonly Child[], kind: string, runs: Run[]): void {
	for (const child of children) {
		if (child.type === 'text') {
			const last = runs.at(-1);
			if (last?.kind === kind) last.text += child.value;
			else runs.push({ text: child.value, kind });
		} else if (child.type === 'element') {
			const names = child.properties['className'];
			collect(child.children, Array.isArray(names) ? String(names[0]) : kind, runs);
		}
	}
}

/**
 * Loads the grammar of a language.
 * @returns what colours a stretch of code in it
 */
export async function colourer(name: string): Promise<(code: string) => Run[]> {
	for (const [each, grammar] of await loadGrammars(name))
		if (!lowlight.registered(each)) lowlight.register(each, grammar);
	return (code) => {
		const runs: Run[] = [];
		collect(lowlight.highlight(name, code, { prefix: 'code-' }).children, '', runs);
		return runs;
	};
}
