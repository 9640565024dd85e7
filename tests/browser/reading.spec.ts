import type { Page } from '@playwright/test';
import { articles, ask, expect, SELF_TEST_SENTENCE, test, useModel, whole } from './fixtures.ts';
import { violations } from './stored.ts';

/** An answer that is there to be read. */
async function answered(page: Page) {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await ask(page, 'Hello');
	const answer = articles(page, 'Assistant');
	await whole(answer);
	return answer;
}

test('where the device has no voice of its own, an answer is not read, and that is said', async ({
	page
}) => {
	// a voice that needs the network is none
	await page.addInitScript(() => {
		const voice = { lang: 'en-US', localService: false, default: true };
		SpeechSynthesis.prototype.getVoices = () => [voice as SpeechSynthesisVoice];
	});
	const answer = await answered(page);
	await answer.getByRole('button', { name: 'Read aloud' }).click();
	const told = answer.getByRole('status').filter({ hasText: 'This device has no English voice of its own.' });
	await expect(told).toBeVisible();
	await expect(answer.getByRole('button', { name: 'Read aloud' })).toBeVisible();
	expect(await violations(page)).toEqual([]);
});

/** A device with one voice, which ends a sentence when the test says so. */
async function giveVoice(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const said: string[] = [];
		let speaking: { onend?: () => void; onerror?: (event: { error: string }) => void } = {};
		const speech = {
			getVoices: () => [{ lang: 'en-US', localService: true, default: true }],
			addEventListener: () => undefined,
			speak: (utterance: typeof speaking & { text: string }) => {
				speaking = utterance;
				said.push(utterance.text);
			},
			cancel: () => speaking.onerror?.({ error: 'canceled' })
		};
		Object.defineProperty(window, 'speechSynthesis', { value: speech });
		Object.defineProperty(window, 'SpeechSynthesisUtterance', {
			value: class {
				text: string;
				constructor(text: string) {
					this.text = text;
				}
			}
		});
		Object.assign(window, { said, endSentence: () => speaking.onend?.() });
	});
}

test('an answer is read a sentence at a time, when asked for and until it is stopped or left @phone', async ({
	page
}) => {
	await giveVoice(page);
	const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said);
	const end = () => page.evaluate(() => (window as unknown as { endSentence: () => void }).endSentence());
	const sentences = SELF_TEST_SENTENCE.split(/(?<=[.!]) /);
	const answer = await answered(page);
	expect(await said()).toEqual([]);
	await answer.getByRole('button', { name: 'Read aloud' }).click();
	const stop = answer.getByRole('button', { name: 'Stop reading' });
	await expect(stop).toBeFocused();
	await expect.poll(said).toEqual(sentences.slice(0, 1));
	await end();
	await expect.poll(said).toEqual(sentences.slice(0, 2));
	expect(await violations(page)).toEqual([]);
	await stop.press('Enter');
	await expect(answer.getByRole('button', { name: 'Read aloud' })).toBeFocused();
	await end();
	expect(await said()).toHaveLength(2);

	// by its key as well; and it does not go on where it cannot be stopped
	await page.keyboard.press('l');
	await expect(stop).toBeVisible();
	await page.keyboard.press('n');
	await expect(articles(page, 'You')).toHaveCount(0);
	await page.evaluate(() => history.back());
	await expect(answer.getByRole('button', { name: 'Read aloud' })).toBeVisible();
});
