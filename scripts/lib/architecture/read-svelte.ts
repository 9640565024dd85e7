import { parse } from 'svelte/compiler';
import { isNode, lineOf, walk, type SvelteNode } from '../svelte-ast.ts';
import type { Facts } from './module.ts';

/** Reads a component: its scripts and the expressions of its markup. @throws when it does not parse */
export function readSvelte(source: string): Facts {
	const facts: Facts = { imports: [], constructed: [], anys: [] };
	walk(parse(source, { modern: true }), (node) => {
		const line = lineOf(node, source);
		const specifier = specifierOf(node);
		if (specifier !== undefined) facts.imports.push({ specifier, typeOnly: isTypeOnly(node), line });
		if (node.type === 'TSAnyKeyword') facts.anys.push(line);
		if (node.type === 'NewExpression' && isNode(node['callee'])) {
			facts.constructed.push({ name: calleeName(node['callee']), line });
		}
	});
	return facts;
}

/** The module that an import, an export from or an import() names; other nodes name none. */
function specifierOf(node: SvelteNode): string | undefined {
	if (!/^(Import|Export(Named|All))(Declaration|Expression)$/.test(node.type)) return undefined;
	const source = node['source'];
	return isNode(source) && typeof source['value'] === 'string' ? source['value'] : undefined;
}

function isTypeOnly(node: SvelteNode): boolean {
	return node['importKind'] === 'type' || node['exportKind'] === 'type';
}

function calleeName(callee: SvelteNode): string {
	const name = callee.type === 'MemberExpression' ? callee['property'] : callee;
	return isNode(name) && typeof name['name'] === 'string' ? name['name'] : '';
}
