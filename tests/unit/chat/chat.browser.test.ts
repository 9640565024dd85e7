import Dexie from 'dexie';
import { expect, test } from 'vitest';
import { Chat } from '#lib/chat/chat.svelte.ts';
import { History } from '#lib/history/history.ts';

test('a message that is sent while its conversation is still being read goes into that conversation', async () => {
	const name = `chat-${crypto.randomUUID()}`;
	const history = new History({ now: () => Date.now(), newId: () => crypto.randomUUID() }, name);
	const { conversation } = await history.messages.ask('First');
	const chat = new Chat(history, () => () => undefined, { get: () => null, set: () => undefined });
	chat.open(conversation);
	expect(chat.view.kind).toBe('loading');
	expect(await chat.send('Second')).toBe(conversation);
	const path = await history.messages.readPath(conversation, 10);
	expect(path?.entries.map(({ message }) => message.text)).toEqual(['First', '', 'Second', '']);
	chat.close();
	history.close();
	await Dexie.delete(name);
});
