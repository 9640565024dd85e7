import { expect, test } from 'vitest';
import type { Engine } from '#lib/engine/engine.ts';
import type { Message } from '#lib/message/message.ts';
import { DEFAULT_SAMPLING } from '#lib/message/setup.ts';
import { compose } from '#lib/responder/compose.ts';

const engine = {
	countTokens: (texts: string[]) => Promise.resolve(texts.map(({ length }) => length))
} as Engine;
const base = { conversation: 'c', createdAt: 0 };
const question = (id: string, text: string): Message => ({
	...base,
	id,
	parent: null,
	depth: 0,
	role: 'user',
	text
});
const answer = (id: string, text: string): Message => ({
	...base,
	id,
	parent: null,
	depth: 0,
	role: 'assistant',
	text,
	state: { kind: 'stopped', at: 0 }
});
const settings = {
	instructions: 'Be brief.',
	drawn: { ...DEFAULT_SAMPLING, seed: 1 },
	overflow: 'drop' as const,
	before: undefined
};
const never = () => Promise.reject(new Error('nothing is to be summarised'));

async function turns(path: Message[], window: number, prefix = '') {
	const prompt = await compose(engine, path, prefix, window, settings, never);
	return { texts: prompt.turns.map(({ text }) => text), prefix: prompt.prefix, from: prompt.from };
}

test('what a model thought of an earlier question is not given back; what it is writing is, to the letter', async () => {
	const path = [
		question('q1', 'Why <think> so?'),
		answer('a1', '<think>\nHm.\n</think>\n\nBecause.'),
		question('q2', 'And?')
	];
	expect(await turns(path, 4096, '<think>Well')).toEqual({
		texts: ['Be brief.', 'Why <think> so?', 'Because.', 'And?'],
		prefix: '<think>Well',
		from: undefined
	});
});

test('an answer that came no further than its thinking is left out', async () => {
	const path = [question('q1', 'Why?'), answer('a1', '<think>Hm.'), question('q2', 'And?')];
	expect((await turns(path, 4096)).texts).toEqual(['Be brief.', 'Why?', 'And?']);
});

test('thinking takes no room of the window', async () => {
	const long = `<think>${'z'.repeat(5000)}</think>Yes.`;
	const path = [question('q1', 'Why?'), answer('a1', long), question('q2', 'And?')];
	expect(await turns(path, 2000)).toMatchObject({
		texts: ['Be brief.', 'Why?', 'Yes.', 'And?'],
		from: undefined
	});
});
