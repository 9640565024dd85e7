import { expect, test } from 'vitest';
import type { FindingView } from '#lib/chat/finding.svelte.ts';
import type { Conversation } from '#lib/message/message.ts';
import { optionsFor } from '#lib/ui/habits/options.ts';

const conversation = (id: string): Conversation => ({
	id,
	title: id,
	createdAt: 1,
	updatedAt: 1,
	leaf: null,
	deletedAt: null
});
const message = { conversation: 'a', parent: null, depth: 0, createdAt: 1, role: 'user' as const };
const found: FindingView = {
	kind: 'found',
	more: false,
	groups: [
		{
			conversation: conversation('a'),
			title: [],
			hits: [
				{
					conversation: conversation('a'),
					message: { ...message, id: 'm', text: 'a café' },
					ranges: [[2, 6]]
				}
			]
		},
		{ conversation: conversation('Café'), title: [[0, 4]], hits: [] }
	]
};
const names = ['New chat', 'Crème settings'];
const offer = (query: string, view: FindingView = found) =>
	optionsFor({
		query,
		commands: names.map((name) => ({ name, act: { kind: 'run', run: () => undefined } })),
		recent: Array.from('abcdefgh', conversation),
		found: view,
		hrefOf: (id) => `/chat/${id}`
	}).map(({ kind, options }) => [kind, ...options.map(({ text }) => text)]);

test('before anything is typed there are all commands, and a few of the newest conversations', () => {
	expect(offer(' ')).toEqual([
		['commands', ...names],
		['conversations', 'a', 'b', 'c', 'd', 'e', 'f']
	]);
});

test('commands are found by words in any order, without case and accents', () => {
	expect(offer('SET creme', { kind: 'idle' })).toEqual([['commands', 'Crème settings']]);
});

test('titles stand before passages, and groups without a line are not there', () => {
	expect(offer('café')).toEqual([
		['conversations', 'Café'],
		['messages', 'a café']
	]);
	expect(offer('x', { kind: 'searching' })).toEqual([]);
});

test('a passage leads to its message, and says where it was said', () => {
	const [, messages] = optionsFor({
		query: 'café',
		commands: [],
		recent: [],
		found,
		hrefOf: (id) => `/chat/${id}`
	});
	expect(messages?.options[0]).toMatchObject({
		act: { kind: 'go', href: '/chat/a#m' },
		beside: 'a',
		ranges: [[2, 6]]
	});
});
