import type { LanguageFn } from 'highlight.js';

interface Language {
	/** Other words for it after a fence. */
	aliases: readonly string[];
	load: () => Promise<{ default: LanguageFn }>;
	/** Languages that stand within it. */
	with?: readonly string[];
}

function language(load: Language['load'], aliases = '', within = ''): Language {
	return { load, aliases: aliases.split(' ').filter(Boolean), with: within.split(' ').filter(Boolean) };
}

/** What can be coloured; each grammar is loaded when a block of its language is first seen. */
const LANGUAGES: Readonly<Record<string, Language>> = {
	bash: language(() => import('highlight.js/lib/languages/bash'), 'sh shell zsh console shell-session'),
	c: language(() => import('highlight.js/lib/languages/c'), 'h'),
	cpp: language(() => import('highlight.js/lib/languages/cpp'), 'c++ cc cxx hpp'),
	csharp: language(() => import('highlight.js/lib/languages/csharp'), 'c# cs'),
	css: language(() => import('highlight.js/lib/languages/css')),
	dart: language(() => import('highlight.js/lib/languages/dart')),
	diff: language(() => import('highlight.js/lib/languages/diff'), 'patch'),
	dockerfile: language(() => import('highlight.js/lib/languages/dockerfile'), 'docker', 'bash'),
	elixir: language(() => import('highlight.js/lib/languages/elixir'), 'ex exs'),
	go: language(() => import('highlight.js/lib/languages/go'), 'golang'),
	graphql: language(() => import('highlight.js/lib/languages/graphql'), 'gql'),
	haskell: language(() => import('highlight.js/lib/languages/haskell'), 'hs'),
	ini: language(() => import('highlight.js/lib/languages/ini'), 'toml conf cfg'),
	java: language(() => import('highlight.js/lib/languages/java')),
	javascript: language(() => import('highlight.js/lib/languages/javascript'), 'js jsx mjs cjs', 'xml css'),
	json: language(() => import('highlight.js/lib/languages/json'), 'jsonc json5'),
	julia: language(() => import('highlight.js/lib/languages/julia'), 'jl'),
	kotlin: language(() => import('highlight.js/lib/languages/kotlin'), 'kt kts'),
	latex: language(() => import('highlight.js/lib/languages/latex'), 'tex'),
	lua: language(() => import('highlight.js/lib/languages/lua')),
	makefile: language(() => import('highlight.js/lib/languages/makefile'), 'make mk'),
	markdown: language(() => import('highlight.js/lib/languages/markdown'), 'md'),
	matlab: language(() => import('highlight.js/lib/languages/matlab')),
	nginx: language(() => import('highlight.js/lib/languages/nginx')),
	objectivec: language(() => import('highlight.js/lib/languages/objectivec'), 'objc objective-c'),
	perl: language(() => import('highlight.js/lib/languages/perl'), 'pl'),
	php: language(() => import('highlight.js/lib/languages/php')),
	powershell: language(() => import('highlight.js/lib/languages/powershell'), 'ps1 pwsh'),
	protobuf: language(() => import('highlight.js/lib/languages/protobuf'), 'proto'),
	python: language(() => import('highlight.js/lib/languages/python'), 'py python3'),
	r: language(() => import('highlight.js/lib/languages/r')),
	ruby: language(() => import('highlight.js/lib/languages/ruby'), 'rb'),
	rust: language(() => import('highlight.js/lib/languages/rust'), 'rs'),
	scala: language(() => import('highlight.js/lib/languages/scala')),
	scss: language(() => import('highlight.js/lib/languages/scss'), 'sass'),
	sql: language(() => import('highlight.js/lib/languages/sql'), 'mysql postgresql sqlite'),
	swift: language(() => import('highlight.js/lib/languages/swift')),
	typescript: language(() => import('highlight.js/lib/languages/typescript'), 'ts tsx mts cts', 'xml css'),
	xml: language(
		() => import('highlight.js/lib/languages/xml'),
		'html xhtml svg vue svelte',
		'javascript css'
	),
	yaml: language(() => import('highlight.js/lib/languages/yaml'), 'yml')
};

const NAMES: ReadonlyMap<string, string> = new Map(
	Object.entries(LANGUAGES).flatMap(([name, { aliases }]) =>
		[name, ...aliases].map((alias) => [alias, name] as const)
	)
);

/** The name of the grammar for the word after a fence, or null where there is none. */
export function grammarName(word: string): string | null {
	return NAMES.get(word.toLowerCase()) ?? null;
}

/** Loads a grammar and those within it, by name. */
export async function loadGrammars(name: string): Promise<[string, LanguageFn][]> {
	const names = [name, ...(LANGUAGES[name]?.with ?? [])];
	return Promise.all(
		names.map(async (each): Promise<[string, LanguageFn]> => {
			const found = LANGUAGES[each];
			if (!found) throw new Error(`there is no grammar for ${each}`);
			return [each, (await found.load()).default];
		})
	);
}
