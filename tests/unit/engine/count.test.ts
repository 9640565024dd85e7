import { expect, test } from 'vitest';
import { counterFor } from '#lib/engine/wllama/count.ts';

/** Refuses as llama.cpp does: a mark is one token, any other character too. */
function refuser(marks: string[], window: number, own = 0): (prompt: string) => Promise<unknown> {
	return (prompt) => {
		let rest = prompt;
		for (const mark of marks) rest = rest.replaceAll(mark, '#');
		const length = rest.length + own;
		return length > window
			? Promise.reject(
					new Error(
						`request (${length} tokens) exceeds the available context size (${window} tokens), try increasing it`
					)
				)
			: Promise.resolve('answered');
	};
}

test('counts the tokens behind the end marks, whichever the model knows', async () => {
	for (const mark of ['<|im_end|>', '</s>', '<|eot_id|>']) {
		const count = await counterFor(64, refuser([mark], 64));
		expect([await count(''), await count('abc'), await count(`a${mark}`)]).toEqual([0, 3, 2]);
	}
});

test('leaves out the start mark that a model adds by itself', async () => {
	const count = await counterFor(64, refuser(['</s>'], 64, 1));
	expect(await count('abc')).toBe(3);
});

test('a model with other marks is not counted wrongly, but not at all', async () => {
	await expect(counterFor(64, refuser(['<end>'], 64))).rejects.toMatchObject({ kind: 'unknown' });
});

test('a prompt that is answered, and any other error, is passed on', async () => {
	await expect(counterFor(64, () => Promise.resolve('x'))).rejects.toMatchObject({ kind: 'unknown' });
	await expect(counterFor(64, () => Promise.reject(new Error('oops')))).rejects.toThrow('oops');
});
