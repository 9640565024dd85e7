import { expect, test } from 'vitest';
import type { Message } from '#lib/message/message.ts';
import { pieceRoom, piecesOf, summaryTurns } from '#lib/prompt/summary.ts';
import { TURN_OVERHEAD } from '#lib/prompt/window.ts';

/** A byte is a token. */
const count = (texts: string[]) =>
	Promise.resolve(texts.map((text) => new TextEncoder().encode(text).length));

const said = (role: 'user' | 'assistant', text: string): Message => {
	const base = { id: text.slice(0, 4), conversation: 'c', parent: null, depth: 0, createdAt: 0, text };
	return role === 'user' ? { ...base, role } : { ...base, role, state: { kind: 'stopped', at: 1 } };
};

test('messages go into as few pieces as they fit in, each told who said it', async () => {
	const talk = [said('user', 'Where?'), said('assistant', 'Here.'), said('user', 'x'.repeat(40))];
	const pieces = await piecesOf(talk, 60, count);
	expect(pieces).toEqual([
		{ text: 'User: Where?\n\nAssistant: Here.', from: 0 },
		{ text: `User: ${'x'.repeat(40)}`, from: 2 }
	]);
});

test('a message that is too long is cut, and nothing of it is lost', async () => {
	const text = '壁龛🦊'.repeat(100);
	const pieces = await piecesOf([said('assistant', text)], 90, count);
	expect(pieces.length).toBeGreaterThan(10);
	for (const piece of pieces) {
		expect((await count([piece.text]))[0]).toBeLessThanOrEqual(90);
		expect(piece.text.isWellFormed()).toBe(true);
	}
	expect(
		pieces
			.map((piece) => piece.text)
			.join('')
			.replaceAll('\n\n', '')
	).toBe(`Assistant: ${text}`);
});

test('a piece, the summary so far and the new one fit into the window together', async () => {
	const room = await pieceRoom(1000, 100, count);
	expect(room).toBeGreaterThan(100);
	const turns = summaryTurns('s'.repeat(100), 'p'.repeat(room));
	const tokens = (await count(turns.map(({ text }) => text))).reduce(
		(sum, size) => sum + size + TURN_OVERHEAD,
		TURN_OVERHEAD
	);
	expect(tokens + 100).toBeLessThanOrEqual(1000);
});
