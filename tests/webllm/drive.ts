import { expect, type Locator, type Page, type Worker } from '@playwright/test';
import { MODEL_NAME, QUESTION, SENTENCE } from './hub.ts';
import { type Blow, destroyDevice, nameManifestAsBefore } from './in-page.ts';

/** Prints a line, with the seconds since the start. */
export type Say = (line: string) => void;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Loading compiles some seventy shaders: 20 s where nothing else runs, and many times that elsewhere. */
const FIRST_WORD = { timeout: 15 * MINUTE };
/** A word is a token, and a token takes 11 s at best. */
const NEXT_WORD = { timeout: 5 * MINUTE };
/** A device is destroyed at the engine's next call, for which a whole model may have to be loaded first. */
const NEXT_LOSS = FIRST_WORD;

/** The answer of the open conversation, which has but one. */
function answer(page: Page): Locator {
	return page.getByRole('log', { name: 'Conversation' }).getByRole('article', { name: 'Assistant' });
}

/** Downloads the model with the page's own buttons and chooses it. */
export async function downloadModel(page: Page, say: Say): Promise<void> {
	await page.getByRole('link', { name: 'Models' }).first().click();
	const model = page.getByRole('article', { name: MODEL_NAME });
	await model.getByRole('button', { name: 'Download', exact: true }).click();
	const bar = model.getByRole('progressbar');
	await expect(bar).toBeVisible({ timeout: 30 * SECOND });
	say('the download shows its progress');
	const use = model.getByRole('button', { name: 'Use', exact: true });
	await expect(use).toBeEnabled({ timeout: 5 * MINUTE });
	say('the download is complete');
	await page.evaluate(nameManifestAsBefore);
	await use.click();
}

/** What a person reads of a device that was destroyed under an answer. */
const LOST = 'The graphics card stopped answering';

function isEngine(worker: Worker): boolean {
	return worker.url().includes('webllm');
}

/** The worker that the engine runs in, or is to run in soon. */
async function engineOf(page: Page): Promise<Worker> {
	return (
		page.workers().find(isEngine) ?? page.waitForEvent('worker', { predicate: isEngine, timeout: MINUTE })
	);
}

/**
 * Destroys the device under the engine, for real, at one of its own calls, and waits until the app has given that
 * worker up for another one and the answer tells of it in a line.
 */
export async function loseDevice(page: Page, blow: Blow, line: string, say: Say): Promise<void> {
	const worker = await engineOf(page);
	const gone = worker.waitForEvent('close', NEXT_LOSS);
	const next = page.waitForEvent('worker', { predicate: isEngine, ...NEXT_LOSS });
	await worker.evaluate(destroyDevice, blow);
	say(`  the GPU device is to be destroyed at call ${blow.call} of ${blow.at}`);
	await gone;
	await next;
	await expect(answer(page)).toContainText(`${LOST}; ${line}`, NEXT_WORD);
	say(`  it was; the answer says “${LOST}; ${line}…”, and an engine starts anew`);
}

/** Waits until the model is loaded and reads the question. */
export async function waitUntilReading(page: Page, say: Say): Promise<void> {
	await expect(answer(page)).toContainText('Reading…', FIRST_WORD);
	say('the model is loaded and reads the question');
}

/** Waits for the end of the answer, and that it is whole. */
export async function hearTheEnd(page: Page, from: number, say: Say): Promise<void> {
	for (let heard = from + 1; heard <= SENTENCE.split(' ').length; heard++)
		await expect(answer(page)).toContainText(firstWords(heard), heard === from + 1 ? FIRST_WORD : NEXT_WORD);
	await expect(answer(page)).toHaveAttribute('aria-busy', 'false', NEXT_WORD);
	await expect(answer(page)).not.toContainText('Stopped');
	// each word once: nothing was said twice after the loss
	expect((await answer(page).innerText()).split(SENTENCE)).toHaveLength(2);
	say(`the answer is whole: “${SENTENCE}”`);
}

/** Sends the first message of a new chat. */
export async function send(page: Page, say: Say): Promise<void> {
	await page.getByRole('textbox', { name: 'Message', exact: true }).fill(QUESTION);
	await page.getByRole('button', { name: 'Send', exact: true }).click();
	await expect(answer(page)).toHaveAttribute('aria-busy', 'true', { timeout: MINUTE });
	say(`“${QUESTION}” is sent, and its answer awaited`);
}

/**
 * Waits until the answer has grown from the sentence's first `from` words to its first `to`, and tells
 * of all that it shows on the way.
 */
export async function hearWords(page: Page, from: number, to: number, say: Say): Promise<void> {
	let shown = '';
	const read = async () => {
		const text = (await answer(page).innerText()).replace(/\s+/g, ' ');
		if (text !== shown) say(`  ${text}`);
		return (shown = text);
	};
	for (let heard = from + 1; heard <= to; heard++) {
		const patience = heard === from + 1 ? FIRST_WORD : NEXT_WORD;
		await expect.poll(read, { ...patience, intervals: [SECOND / 2] }).toContain(firstWords(heard));
	}
	await expect(answer(page)).toHaveAttribute('aria-busy', 'true');
}

/** Stops the answer after so many words. They stay, and there are not many more. */
export async function stop(page: Page, heard: number, say: Say): Promise<void> {
	await page.getByRole('button', { name: 'Stop', exact: true }).click();
	await expect(answer(page)).toHaveAttribute('aria-busy', 'false', NEXT_WORD);
	await expect(answer(page)).toContainText('Stopped');
	await expect(answer(page)).toContainText(firstWords(heard));
	await expect(answer(page)).not.toContainText(SENTENCE);
	say('the answer is stopped, and keeps its words');
}

/** Waits until the service worker holds the whole app. */
export async function waitUntilOffline(page: Page, say: Say): Promise<void> {
	await expect(page.getByText('Ready to work offline')).toBeVisible({ timeout: MINUTE });
	say('the app says it is ready to work offline');
}

/**
 * Reloads the page, with no server left, and lets the stopped answer go on: the model loads from the
 * cache, and is given what it had written.
 */
export async function reloadAndContinue(page: Page, heard: number, say: Say): Promise<void> {
	await page.reload();
	await expect(answer(page)).toContainText(firstWords(heard));
	say('the page is back, without a server, with its conversation');
	await answer(page).getByRole('button', { name: 'Continue', exact: true }).click();
}

function firstWords(count: number): string {
	return SENTENCE.split(' ').slice(0, count).join(' ');
}
