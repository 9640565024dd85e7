import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readModule, type Module } from '../scripts/lib/architecture/module.ts';
import { ROOMS } from '../scripts/lib/architecture/rooms.ts';
import { RULES } from '../scripts/lib/architecture/rules.ts';

const root = new URL('..', import.meta.url).pathname;
const rooms = Object.keys(ROOMS);

/** Reads sources by path. */
function read(sources: Record<string, string>): Module[] {
	return Object.entries(sources).map(([path, source]) => readModule(path, source, rooms));
}

/** What breaks one rule. */
function breaches(rule: string, modules: Module[]): string[] {
	const check = RULES[rule];
	if (!check) throw new Error(`no rule "${rule}"`);
	return check(modules);
}

function sourcesOfTheApp(): Record<string, string> {
	const paths = globSync('src/**/*.{ts,js,svelte}', { cwd: root })
		.map((path) => path.replaceAll('\\', '/'))
		.filter((path) => !path.startsWith('src/lib/i18n/paraglide/'));
	return Object.fromEntries(paths.map((path) => [path, readFileSync(`${root}${path}`, 'utf8')]));
}

describe('the app', () => {
	const modules = read(sourcesOfTheApp());

	test('has sources to look at', () => {
		expect(modules.map(({ path }) => path)).toContain('src/lib/message/message.ts');
	});

	test.each(Object.keys(RULES))('%s', (rule) => {
		expect(breaches(rule, modules)).toEqual([]);
	});

	test('the rooms themselves point one way', () => {
		const circular = rooms.filter((room) => reachable(room).has(room));
		expect(circular).toEqual([]);
	});
});

function reachable(room: string, found = new Set<string>()): Set<string> {
	for (const next of Object.keys(ROOMS[room] ?? {})) {
		if (found.has(next)) continue;
		found.add(next);
		reachable(next, found);
	}
	return found;
}

const message = { 'src/lib/message/message.ts': 'export type Id = string; export const isOpen = true;' };
const component = (script: string, markup = '') => `<script lang="ts">${script}</script>${markup}`;

/** For each rule sources that keep it and sources that break it: the rules themselves are tested. */
const examples: Record<string, { keeps: Record<string, string>[]; breaks: Record<string, string>[] }> = {
	'every file stands in a room of the house': {
		keeps: [
			message,
			{ 'src/routes/+layout.ts': '' },
			{ 'src/lib/app.svelte.ts': '' },
			{ 'src/policy.ts': '' }
		],
		breaks: [{ 'src/lib/utils/x.ts': '' }, { 'src/lib/stray.ts': '' }, { 'src/stray.ts': '' }]
	},
	'imports follow the arrows': {
		keeps: [
			{ ...message, 'src/lib/prompt/turns.ts': "import type { Id } from '#lib/message/message.ts';" },
			{ ...message, 'src/lib/history/open.ts': "import { isOpen } from '#lib/message/message.ts';" },
			{ ...message, 'src/lib/message/text.ts': "import { isOpen } from './message.ts';" },
			{ 'src/lib/app.ts': '', 'src/routes/+layout.svelte': component("import { a } from '#lib/app.ts';") },
			{ 'src/lib/wire/a.ts': '', 'src/server/a.ts': "import { a } from '../lib/wire/a.ts';" },
			{ 'src/lib/ui/a.ts': "import { m } from '#lib/i18n/paraglide/messages.js';" },
			{ 'src/lib/ui/a.ts': "import { WrongModel } from '#lib/models/errors.ts';" },
			{ 'src/routes/+layout.svelte': component("import '../app.css';") }
		],
		breaks: [
			{ ...message, 'src/lib/prompt/turns.ts': "import { isOpen } from '#lib/message/message.ts';" },
			{ 'src/lib/engine/a.ts': '', 'src/lib/models/b.ts': "import type { A } from '../engine/a.ts';" },
			{ 'src/lib/app.ts': '', 'src/lib/ui/b.ts': "import { app } from '#lib/app.ts';" },
			{ 'src/lib/room/a.ts': '', 'src/lib/chat/b.ts': "const a = await import('#lib/room/a.ts');" },
			{ 'src/lib/chat/a.ts': '', 'src/lib/room/b.ts': "export * from '../chat/a.ts';" },
			{ 'src/lib/chat/a.ts': '', 'src/lib/room/b.ts': "let a: import('../chat/a.ts').A;" },
			{ ...message, 'src/server/a.ts': "import { isOpen } from '../lib/message/message.ts';" },
			{
				'src/lib/history/a.ts': '',
				'src/lib/ui/B.svelte': component('', "{#await import('#lib/history/a.ts')}{/await}")
			},
			{ 'src/lib/chat/a.ts': "import type { A } from '#lib/i18n/a.ts';" },
			{ 'src/lib/ui/a.ts': "import { download } from '#lib/models/delivery.ts';" },
			{ 'src/lib/ui/a.ts': "import { chat } from '#lib/chat/chat.svelte.ts';" },
			{ 'src/routes/a.ts': "import { open } from '#lib/history/open.ts';" },
			{ 'src/lib/chat/a.ts': "import type { A } from '#lib/nowhere/a.ts';" }
		]
	},
	'components bind and render': {
		keeps: [
			{
				'src/lib/ui/A.svelte': component("import type { Engine } from '#lib/engine/engine.ts'; new URL('x');")
			}
		],
		breaks: [
			{ 'src/lib/ui/A.svelte': component("import Dexie from 'dexie';") },
			{ 'src/lib/ui/A.svelte': component("import { createEngine } from '#lib/engine/index.ts';") },
			{ 'src/lib/ui/A.svelte': component("import W from './x.ts?worker';") },
			{ 'src/lib/ui/A.svelte': component("const w = new Worker('x.js');") },
			{ 'src/lib/ui/A.svelte': component('', "<button onclick={() => new window.WebSocket('')}></button>") }
		]
	},
	'a library with a home is imported nowhere else': {
		keeps: [{ 'src/lib/history/schema.ts': "import { Dexie } from 'dexie';" }],
		breaks: [
			{ 'src/lib/chat/a.ts': "import { liveQuery } from 'dexie';" },
			{ 'src/lib/engine/wllama/a.ts': "import type { A } from '@mlc-ai/web-llm';" },
			{ 'src/routes/a.ts': "await import('@wllama/wllama');" }
		]
	},
	'an engine stays in its worker': {
		keeps: [
			{
				'src/lib/engine/index.ts': "import { a } from './webllm/index.ts';",
				'src/lib/engine/webllm/index.ts':
					"import type { A } from '@mlc-ai/web-llm'; new Worker(new URL('./webllm.worker.ts', import.meta.url));",
				'src/lib/engine/webllm/webllm.worker.ts': "import { b } from './backend.ts';",
				'src/lib/engine/webllm/backend.ts': "import { MLCEngine } from '@mlc-ai/web-llm';"
			},
			{ 'src/lib/engine/wllama/index.ts': "import wasm from '@wllama/wllama/esm/wasm/wllama.wasm?url';" }
		],
		breaks: [
			{ 'src/lib/engine/webllm/index.ts': "import { hasModelInCache } from '@mlc-ai/web-llm';" },
			{ 'src/lib/engine/wllama/index.ts': "const w = await import('@wllama/wllama');" },
			{
				'src/lib/engine/index.ts': "import { b } from './webllm/backend.ts';",
				'src/lib/engine/webllm/webllm.worker.ts': "import { b } from './backend.ts';",
				'src/lib/engine/webllm/backend.ts': "import { MLCEngine } from '@mlc-ai/web-llm';"
			}
		]
	},
	'modules import in no circle': {
		keeps: [
			{
				'src/lib/wire/a.ts': "import { b } from './b.ts';",
				'src/lib/wire/b.ts': "import type { A } from './a.ts';"
			}
		],
		breaks: [
			{
				'src/lib/wire/a.ts': "import { b } from './b.ts';",
				'src/lib/wire/b.ts': "import { a } from './a.ts';"
			},
			{
				'src/lib/wire/a.ts': "import './b.ts';",
				'src/lib/wire/b.ts': "export { c } from './c.ts';",
				'src/lib/wire/c.ts': "import './a.ts';"
			}
		]
	},
	'no any, and no checker silenced without a reason': {
		keeps: [
			{ 'src/lib/wire/a.ts': '// any word will do\nlet a: unknown;' },
			{ 'src/lib/wire/a.ts': '// @ts-expect-error the library types this parameter wrongly\nlet a = 1;' },
			{
				'src/lib/wire/a.ts': '// eslint-disable-next-line no-console -- people run this by hand\nlet a = 1;'
			},
			{ 'src/lib/ui/A.svelte': '<!-- svelte-ignore a11y_autofocus the dialog was just opened --><p>{1}</p>' }
		],
		breaks: [
			{ 'src/lib/wire/a.ts': 'let a: any;' },
			{ 'src/lib/wire/a.ts': 'const b = JSON.parse("") as Record<string, any>;' },
			{ 'src/lib/ui/A.svelte': component('let a: any = 1;') },
			{ 'src/lib/wire/a.ts': '// @ts-ignore\nlet a = 1;' },
			{ 'src/lib/wire/a.ts': '/* eslint-disable no-console */' },
			{ 'src/lib/ui/A.svelte': '<!-- svelte-ignore a11y_autofocus --><p>{1}</p>' }
		]
	}
};

describe('the rules', () => {
	test('each has examples', () => {
		expect(Object.keys(examples).sort()).toEqual(Object.keys(RULES).sort());
	});

	describe.each(Object.entries(examples))('%s', (rule, { keeps, breaks }) => {
		test.each(keeps)('is kept by example %$', (sources) => {
			expect(breaches(rule, read(sources))).toEqual([]);
		});

		test.each(breaks)('is broken by example %$', (sources) => {
			expect(breaches(rule, read(sources))).not.toEqual([]);
		});
	});
});
