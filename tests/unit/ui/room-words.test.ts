import { afterEach, expect, test } from 'vitest';
import { overwriteGetLocale } from '#lib/i18n/paraglide/runtime.js';
import type { RoomNews } from '#lib/room/words.ts';
import { newsWords } from '#lib/ui/room/words.ts';

const room = { room: 'a room', title: 'Porch' };
const all: RoomNews[] = [
	{ ...room, kind: 'message', author: 'bob', text: 'Hello', mention: false },
	{ ...room, kind: 'answer', text: 'Four.' },
	{ ...room, kind: 'unanswered' },
	{ ...room, kind: 'stopped' }
];

afterEach(() => overwriteGetLocale(() => 'en'));

test('a notification tells in English what came', () => {
	overwriteGetLocale(() => 'en');
	expect(all.map(newsWords)).toEqual([
		'bob: Hello',
		'AI answered you: Four.',
		'AI could not answer you.',
		'AI’s answer to you was stopped.'
	]);
});

test('a notification tells in Chinese what came', () => {
	overwriteGetLocale(() => 'zh-Hans');
	expect(all.map(newsWords)).toEqual([
		'bob: Hello',
		'小助手回答了您：Four.',
		'小助手未能回答您。',
		'小助手给您的回答被停止了。'
	]);
});
