import ts from 'typescript';
import type { Facts } from './module.ts';

/** Reads a TypeScript or JavaScript file. @throws Error when it does not parse */
export function readScript(path: string, source: string): Facts {
	const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
	const facts: Facts = { imports: [], constructed: [], anys: [] };
	const visit = (node: ts.Node): void => {
		readNode(facts, node, file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
		ts.forEachChild(node, visit);
	};
	visit(file);
	return facts;
}

function readNode(facts: Facts, node: ts.Node, line: number): void {
	const found = importOf(node);
	if (found) facts.imports.push({ ...found, line });
	if (node.kind === ts.SyntaxKind.AnyKeyword) facts.anys.push(line);
	if (ts.isNewExpression(node)) {
		const name = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression;
		facts.constructed.push({ name: name.getText(), line });
		const url = node.arguments?.[0];
		// new URL('./x.worker.ts', import.meta.url): how the bundler finds a worker
		if (name.getText() === 'URL' && node.arguments?.[1]?.getText() === 'import.meta.url' && url) {
			if (ts.isStringLiteralLike(url)) facts.imports.push({ specifier: url.text, typeOnly: false, line });
		}
	}
}

function importOf(node: ts.Node): { specifier: string; typeOnly: boolean } | undefined {
	if (ts.isImportDeclaration(node)) {
		return literal(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
	}
	if (ts.isExportDeclaration(node)) return literal(node.moduleSpecifier, node.isTypeOnly);
	if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
		return literal(node.argument.literal, true);
	}
	const dynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
	return dynamic ? literal(node.arguments[0], false) : undefined;
}

function literal(node: ts.Node | undefined, typeOnly: boolean) {
	return node && ts.isStringLiteralLike(node) ? { specifier: node.text, typeOnly } : undefined;
}
