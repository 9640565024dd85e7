import type { Page } from '@playwright/test';
import { fillHistory } from '../bench/harness/fill-history.ts';
import { articles, ask, expect, test } from './fixtures.ts';

/** More than this many messages are never in the page, however long the conversation is. */
const IN_PAGE = 120;

/** Puts one conversation into the history and opens it. */
async function openLong(page: Page, messages: number, hash = ''): Promise<void> {
	await page.goto('/');
	await page.getByText('Your conversations appear here.').waitFor({ state: 'attached' });
	await fillHistory(page, { conversations: 1, pairs: messages / 2, characters: 120 });
	await page.goto(`/chat/conversation-0${hash}`);
	await articles(page, 'You').first().waitFor();
}

const log = (page: Page) => page.getByRole('log', { name: 'Conversation' });
const message = (page: Page, depth: number) =>
	log(page)
		.getByRole('article')
		.filter({ hasText: `Message ${depth}:` });

/**
 * Scrolls and waits until the page has answered to it.
 * @returns how far what stood in the middle has moved, in CSS pixels
 */
function scroll(page: Page, by: number): Promise<number> {
	return log(page).evaluate(async (scroller, by) => {
		const { top, height, left, width } = scroller.getBoundingClientRect();
		const middle = document.elementFromPoint(left + width / 2, top + height / 2)?.closest('article');
		const seen = middle ?? scroller.querySelector('article');
		const before = seen?.getBoundingClientRect().top ?? 0;
		scroller.scrollBy(0, by);
		for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame);
		return (seen?.getBoundingClientRect().top ?? 0) - before;
	}, by);
}

/** Scrolls on, screen by screen, until a message has come into the page. */
async function scrollTo(page: Page, depth: number, by: number): Promise<void> {
	await expect(async () => {
		for (let i = 0; i < 5; i++) await scroll(page, by);
		await expect(message(page, depth)).toBeAttached({ timeout: 1 });
	}).toPass({ intervals: [1] });
}

test('a long conversation comes in as one scrolls, and what one reads stays in its place @phone', async ({
	page
}) => {
	await openLong(page, 600);
	await expect(message(page, 599)).toBeInViewport();
	await expect(message(page, 540)).toBeHidden();
	for (let i = 0; i < 20; i++) expect(await scroll(page, -300)).toBeCloseTo(300, -1);
	await scrollTo(page, 500, -400);
	expect(await log(page).getByRole('article').count()).toBeLessThan(IN_PAGE);
	await expect(message(page, 599), 'what is far below was let go').toBeHidden();

	for (let i = 0; i < 20; i++) expect(await scroll(page, 300)).toBeCloseTo(-300, -1);
	await scrollTo(page, 580, 400);
	await expect(message(page, 500), 'what is far above was let go').toBeHidden();
	await page.getByRole('button', { name: 'Go to the newest message' }).click();
	await expect(message(page, 599)).toBeInViewport();
});

test('a passage at the beginning of a very long conversation is opened in its place @phone', async ({
	page
}) => {
	await openLong(page, 3_000, '#conversation-0-4');
	await expect(message(page, 4)).toBeFocused();
	await expect(message(page, 4)).toBeInViewport();
	expect(await log(page).getByRole('article').count()).toBeLessThan(IN_PAGE);
	await scrollTo(page, 90, 400);
	await page.getByRole('button', { name: 'Go to the newest message' }).click();
	await expect(message(page, 2_999)).toBeInViewport();
	await expect(message(page, 90)).toBeHidden();
});

test('an answer that is waited for can be stopped by who reads far above it', async ({ page }) => {
	await openLong(page, 200);
	await ask(page, 'What now?');
	const stop = page.getByRole('button', { name: 'Stop' });
	await expect(stop).toBeVisible();
	await scrollTo(page, 140, -1_000);
	await expect(message(page, 199)).toBeHidden();
	await stop.click();
	await expect(page.getByRole('button', { name: 'Send' })).toBeVisible();

	await ask(page, 'And now?');
	await expect(articles(page, 'You').last(), 'who asks goes where the question is').toBeInViewport();
	await expect(articles(page, 'You').last()).toHaveText(/And now/);
	await expect(articles(page, 'Assistant').nth(-2)).toHaveText(/Stopped/);
});

test('an edit that was begun is still there after one has read elsewhere', async ({ page }) => {
	await openLong(page, 600);
	await message(page, 598).getByRole('button', { name: 'Edit', exact: true }).click();
	await page.getByRole('textbox', { name: 'Edited message' }).fill('Half a thought');
	await scrollTo(page, 540, -1_000);
	await page.getByRole('button', { name: 'Go to the newest message' }).click();
	await expect(page.getByRole('textbox', { name: 'Edited message' })).toHaveValue('Half a thought');
});

test('another version is shown in the middle of a long conversation, and its end comes back with it', async ({
	page
}) => {
	await openLong(page, 400, '#conversation-0-11');
	await expect(message(page, 11)).toBeFocused();
	await message(page, 11).getByRole('button', { name: 'Try again' }).click();
	await expect(message(page, 12)).toBeHidden();
	await expect(log(page).getByText('2/2')).toBeVisible();
	await log(page).getByRole('button', { name: 'Previous version' }).click();
	await expect(log(page).getByText('1/2')).toBeVisible();
	await expect(message(page, 11)).toBeVisible();
	await expect(message(page, 12)).toBeAttached();
	await page.getByRole('button', { name: 'Go to the newest message' }).click();
	await expect(message(page, 399)).toBeInViewport();
});

test('a wide line of code scrolls by itself and leaves the thread as wide as the screen @phone', async ({
	page
}) => {
	await page.goto('/');
	await page.getByText('Your conversations appear here.').waitFor({ state: 'attached' });
	const answers = [`\n\n\`\`\`\n${'wide '.repeat(100)}\n\`\`\`\n`];
	await fillHistory(page, { conversations: 1, pairs: 1, characters: 20, answers });
	await page.goto('/chat/conversation-0');
	const code = page.locator('.log pre');
	await code.waitFor();
	const overflow = (element: HTMLElement) => element.scrollWidth - element.clientWidth;
	expect(await code.evaluate(overflow)).toBeGreaterThan(0);
	expect(await log(page).evaluate(overflow)).toBe(0);
});
