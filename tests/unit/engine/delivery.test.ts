import { expect, test } from 'vitest';
import type { ReplyEnd } from '#lib/engine/backend.ts';
import { deliver } from '#lib/engine/delivery.ts';

const END: ReplyEnd = { promptTokens: 7, cachedTokens: 2, completionTokens: 4, reason: 'end' };

async function* say(
	pieces: string[],
	onPiece: (index: number) => void = () => undefined
): AsyncGenerator<string, ReplyEnd, undefined> {
	for (const [index, piece] of pieces.entries()) {
		await Promise.resolve();
		yield piece;
		onPiece(index);
	}
	return END;
}

function delivery(pace = 0, signal = new AbortController().signal) {
	const sent: string[] = [];
	return {
		sent,
		options: { pace, signal, since: performance.now(), send: (text: string) => sent.push(text) }
	};
}

test('the first piece goes at once, those of one frame together, and all of them before the end', async () => {
	const { sent, options } = delivery();
	const usage = await deliver(say(['a', 'b', 'c', 'd']), options);
	expect(sent.join('')).toBe('abcd');
	expect(sent[0]).toBe('a');
	expect(sent.length).toBeLessThan(4);
	expect(usage).toMatchObject({ promptTokens: 7, cachedTokens: 2, completionTokens: 4, reason: 'end' });
	expect(usage.timeToFirstToken).toBeGreaterThan(0);
});

test('a piece does not wait for the next one', async () => {
	const { sent, options } = delivery();
	const more = Promise.withResolvers<undefined>();
	async function* slow(): AsyncGenerator<string, ReplyEnd, undefined> {
		yield 'a';
		yield 'b';
		await more.promise;
		return END;
	}
	const send = (text: string): void => {
		sent.push(text);
		if (text === 'b') more.resolve(undefined); // it would never end, were b kept back
	};
	await deliver(slow(), { ...options, send });
	expect(sent).toEqual(['a', 'b']);
});

test('an empty piece is sent on as a sign of life', async () => {
	const { sent, options } = delivery();
	await deliver(say(['', '', 'a']), options);
	expect(sent).toEqual(['', '', 'a']);
});

test('at a slow pace the pieces go one by one', async () => {
	const { sent, options } = delivery(40);
	await deliver(say(['a', 'b', 'c']), options);
	expect(sent).toEqual(['a', 'b', 'c']);
});

test('after an abort the reply is read to its end, but nothing more is sent', async () => {
	const stop = new AbortController();
	const { sent, options } = delivery(20, stop.signal);
	const read: number[] = [];
	const pieces = say(['a', 'b', 'c', 'd'], (index) => {
		read.push(index);
		if (index === 0) stop.abort();
	});
	const usage = await deliver(pieces, options);
	expect(sent).toEqual(['a']);
	expect(read).toEqual([0, 1, 2, 3]);
	expect(usage).toMatchObject({ reason: 'aborted', completionTokens: 1 });
});

test('an abort ends the pause before a piece', async () => {
	const stop = new AbortController();
	const { sent, options } = delivery(3_600_000, stop.signal);
	const pieces = say(['a', 'b']);
	const send = (text: string): void => {
		sent.push(text);
		queueMicrotask(() => setTimeout(() => stop.abort()));
	};
	expect(await deliver(pieces, { ...options, send })).toMatchObject({ reason: 'aborted' });
	expect(sent).toEqual(['a']);
});
