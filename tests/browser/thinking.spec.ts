import { countingWords, writeTalkingGguf } from '../../scripts/talking/gguf.ts';
import { articles, ask, expect, test, useModel, whole } from './fixtures.ts';
import { violations } from './axe.ts';

/** Thinks for some seconds, so that one can look at it meanwhile. */
const WORDS = [
	'<think>',
	'First',
	'I',
	'wonder',
	...countingWords(120),
	'</think>',
	'Then',
	'comes',
	'the',
	'answer.'
];

test('thinking is folded while the answer streams and after, and kept to the letter @phone', async ({
	page,
	host
}) => {
	host.model('Thinker', writeTalkingGguf({ words: WORDS, name: 'Thinker' }), 60);
	await useModel(page, 'Thinker');
	await page.goto('/');
	await ask(page, 'Hello');
	const answer = articles(page, 'Assistant').first();
	await expect(answer.getByText('Thinking…')).toBeVisible();
	await expect(answer.getByText('I wonder')).toBeHidden();
	await whole(answer);
	await expect(answer.getByText('Then comes the answer.')).toBeVisible();
	const summary = answer.getByText('What it thought');
	await expect(answer.getByText('First I wonder')).toHaveCount(0);
	expect(await violations(page)).toEqual([]);
	await summary.click();
	await expect(answer.getByText('First I wonder')).toBeVisible();
	expect(await violations(page)).toEqual([]);

	const stored = await page.evaluate(
		() =>
			new Promise<string[]>((resolve) => {
				const request = indexedDB.open('alcove');
				request.onsuccess = () => {
					const all = request.result.transaction('messages').objectStore('messages').getAll();
					all.onsuccess = () => resolve((all.result as { text: string }[]).map(({ text }) => text));
				};
			})
	);
	expect(stored.some((text) => text.startsWith('<think>'))).toBe(true);
});
