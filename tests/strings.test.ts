import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { differences, readMessages, unusedKeys } from '../scripts/lib/strings/catalogue.ts';
import { hardCodedWords } from '../scripts/lib/strings/hard-coded.ts';

const root = new URL('..', import.meta.url).pathname;

function read(path: string): string {
	return readFileSync(`${root}${path}`, 'utf8');
}

function sources(pattern: string): string[] {
	const paths = globSync(pattern, { cwd: root }).map((path) => path.replaceAll('\\', '/'));
	return paths.filter((path) => !path.startsWith('src/lib/i18n/paraglide/'));
}

describe('the app', () => {
	const english = readMessages(JSON.parse(read('src/i18n/messages/en.json')));
	const chinese = readMessages(JSON.parse(read('src/i18n/messages/zh-Hans.json')));

	test('says everything in both languages, with the same placeholders', () => {
		expect(differences(english, chinese)).toEqual([]);
	});

	test('uses every string', () => {
		expect(unusedKeys(english.keys(), sources('src/**/*.{ts,js,svelte}').map(read))).toEqual([]);
	});

	test.each(sources('src/**/*.svelte'))('%s has no words of its own', (path) => {
		expect(hardCodedWords(read(path))).toEqual([]);
	});
});

describe('the comparison of languages', () => {
	const plural = (one: string, other: string) => [
		{
			declarations: ['input count', 'local plural = count: plural'],
			selectors: ['plural'],
			match: { 'plural=one': one, 'plural=other': other }
		}
	];
	const compare = (left: unknown, right: unknown) => differences(readMessages(left), readMessages(right));

	test.each([
		[{ a: 'A' }, { a: '甲' }],
		[{ a: '{x} of {y}' }, { a: '{y} 中 {x}' }],
		[{ $schema: 'x', a: 'A' }, { a: '甲' }],
		[{ a: plural('{count} chat', '{count} chats') }, { a: '{count} 个' }]
	])('passes %j and %j', (left, right) => {
		expect(compare(left, right)).toEqual([]);
	});

	test.each([
		[{ a: 'A' }, {}],
		[{}, { a: '甲' }],
		[{ a: 'A {x}' }, { a: '甲' }],
		[{ a: 'A {x}' }, { a: '甲 {y}' }],
		[{ a: plural('one', '{count} chats') }, { a: '聊天' }]
	])('finds what is wrong between %j and %j', (left, right) => {
		expect(compare(left, right)).toHaveLength(1);
	});

	test.each([{ a: '' }, { a: 1 }, { a: { b: 'C' } }, { a: [{}] }])('refuses %j', (messages) => {
		expect(() => readMessages(messages)).toThrow('a has no text');
	});
});

test('a key counts as used only as a whole word', () => {
	expect(unusedKeys(['send', 'stop'], ['m.send_all(); m.stop()'])).toEqual(['send']);
});

describe('the search for words in markup', () => {
	test.each([
		'<p>{m.hello()}</p>',
		'<p>… 100 % · {count}</p>',
		"<p class='box' id='name' role='log' data-title='x'>{x}</p>",
		"<button aria-label={m.send()} type='submit'></button>",
		"<p>{kind === 'done' ? m.done() : m.open()}</p>",
		"<p>{format('short')}</p>",
		"<span translate='no'>Alcove <b>2</b></span>",
		"<script>const title = 'word';</script><style>p { color: red; }</style><!-- words -->"
	])('passes %s', (source) => {
		expect(hardCodedWords(source)).toEqual([]);
	});

	test.each([
		['<p>Hello</p>', 'Hello'],
		['<p>你好</p>', '你好'],
		['{#if open}<b>Yes</b>{/if}', 'Yes'],
		['{#each list as item}{item} items{/each}', 'items'],
		["<input placeholder='Type here' />", 'Type here'],
		["<img alt='A cat {n}' />", 'A cat'],
		["<Button label='Send' />", 'Send'],
		['<svelte:head><title>Chat</title></svelte:head>', 'Chat'],
		["<p>{'Hello'}</p>", 'Hello'],
		["<p>{busy ? 'Wait' : m.go()}</p>", 'Wait'],
		["<p>{name ?? 'Nobody'}</p>", 'Nobody'],
		["<p>{'Hello ' + name}</p>", 'Hello'],
		['<p title={`${n} left`}></p>', 'left']
	])('finds the words of %s', (source, words) => {
		expect(hardCodedWords(source)).toEqual([`1: ${words}`]);
	});

	test('names the line', () => {
		expect(hardCodedWords('<div>\n\t<p>\n\t\t{x} Hello\n\t</p>\n</div>')).toEqual(['3: Hello']);
	});
});
