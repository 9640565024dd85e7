import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { writeTalkingGguf } from '../../scripts/talking/gguf.ts';
import {
	articles,
	ask,
	counts,
	expect,
	offerCounting,
	openMenu,
	SELF_TEST_SENTENCE,
	test,
	useModel,
	whole
} from './fixtures.ts';

/** A conversation of one question, answered by the self-test. */
async function oneAnswer(page: Page, question = 'Hello'): Promise<void> {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await ask(page, question);
	await whole(articles(page, 'Assistant'));
}

const button = (within: Locator | Page, name: string) => within.getByRole('button', { name, exact: true });

test('an edited question is asked anew, and its earlier version is kept @phone', async ({ page }) => {
	await oneAnswer(page);
	const [question, answer] = [articles(page, 'You'), articles(page, 'Assistant')];
	await button(question, 'Edit').press('Enter');
	const field = question.getByRole('textbox', { name: 'Edited message' });
	await expect(field).toBeFocused();
	await expect(field).toHaveValue('Hello');

	await field.fill(' ');
	await button(question, 'Save').click();
	await expect(question.getByRole('alert')).toContainText('Write a message first.');
	await field.fill('Good evening');
	await field.press('Shift+Enter');
	await page.keyboard.type('to you');
	await field.press('Enter');

	await expect(question).toContainText('Good evening\nto you', { useInnerText: true });
	await expect(question).toContainText('2/2');
	await expect(question).toBeFocused();
	await whole(answer);
	await expect(answer).toContainText(SELF_TEST_SENTENCE);

	const previous = button(question, 'Previous version');
	await previous.press('Enter');
	await expect(question).toContainText('1/2');
	await expect(question).toContainText('Hello');
	await expect(answer).toContainText(SELF_TEST_SENTENCE);
	await expect(previous).toBeFocused();
	await expect(previous).toHaveAttribute('aria-disabled', 'true');
	await page.reload();
	await expect(question).toContainText('Hello');
	await button(question, 'Next version').click();
	await expect(question).toContainText('Good evening');
	await expect(page.getByText('2/2')).toBeVisible();
});

test('an edit is left by Escape and by Cancel, and nothing has changed', async ({ page }) => {
	await page.goto('/');
	await ask(page, 'Hello');
	const question = articles(page, 'You');
	for (const leave of [() => page.keyboard.press('Escape'), () => button(question, 'Cancel').click()]) {
		await button(question, 'Edit').click();
		await page.keyboard.type(' there');
		await leave();
		await expect(question.getByRole('textbox')).toHaveCount(0);
		await expect(question).toContainText('Hello');
		await expect(question).not.toContainText('there');
		await expect(question).toBeFocused();
	}
	await expect(page.getByText('1/')).toHaveCount(0);
});

test('an edit stops the answer to the earlier version, which can go on later', async ({ page, host }) => {
	const sentence = offerCounting(host);
	await useModel(page, 'Counting');
	await page.goto('/');
	await ask(page, 'Count');
	const [question, answer] = [articles(page, 'You'), articles(page, 'Assistant')];
	await counts(answer, 10);
	await button(question, 'Edit').click();
	await page.keyboard.type(' again');
	await page.keyboard.press('Enter');
	await counts(answer, 3);
	await button(question, 'Previous version').click();
	await expect(answer).toContainText('Stopped');
	await expect(answer).toContainText(' 9 10');
	await button(answer, 'Continue').click();
	await expect(answer).toBeFocused();
	await expect(answer).toContainText(sentence, { timeout: 50_000 });
});

test('answers that were tried again are turned over with the keyboard', async ({ page }) => {
	await oneAnswer(page);
	const answer = articles(page, 'Assistant');
	await button(answer, 'Try again').press('Enter');
	await expect(answer).toHaveAttribute('aria-busy', 'true');
	await expect(answer).toBeFocused();
	await whole(answer);
	const versions = answer.getByRole('group', { name: 'Versions' });
	await expect(versions).toContainText('2/2');
	await button(versions, 'Next version').press('Enter');
	await expect(versions).toContainText('2/2');
	await button(versions, 'Previous version').focus();
	await page.keyboard.press('Space');
	await expect(versions).toContainText('1/2');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await expect(versions).toContainText('2/2');
	await expect(button(versions, 'Next version')).toBeFocused();
});

test('a message is deleted with all below it, and the deletion undone @phone', async ({ page }) => {
	await oneAnswer(page);
	await ask(page, 'And again');
	const [questions, answers] = [articles(page, 'You'), articles(page, 'Assistant')];
	await whole(answers.nth(1));
	await button(answers.first(), 'Delete').press('Enter');
	await expect(answers).toHaveCount(0);
	await expect(questions).toHaveCount(1);
	const notice = page.getByRole('status').filter({ hasText: 'were deleted' });
	await expect(button(notice, 'Undo')).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(answers).toHaveCount(2);
	await expect(questions.nth(1)).toContainText('And again');
	await expect(page.getByRole('log', { name: 'Conversation' })).toBeFocused();

	await button(answers.first(), 'Delete').click();
	await button(notice, 'Dismiss').click();
	await page.reload();
	await expect(questions).toHaveCount(1);
	await expect(answers).toHaveCount(0);
	await button(questions, 'Try again').click();
	await whole(answers);
	await expect(answers).toContainText(SELF_TEST_SENTENCE);

	await button(questions, 'Delete').click();
	await expect(page.getByText('Nothing is left here.')).toBeVisible();
	await ask(page, 'From the beginning');
	await whole(answers);
	await expect(questions).toContainText('From the beginning');
});

test('an answer is copied as Markdown and as plain text', async ({ page, host, context }) => {
	const words = ['A', '**bold**', 'word', 'and', '`code`.'];
	host.model('Marked', writeTalkingGguf({ words, name: 'Marked' }), 1);
	await useModel(page, 'Marked');
	await page.goto('/');
	await ask(page, '**Hello**');
	const [question, answer] = [articles(page, 'You'), articles(page, 'Assistant')];
	await whole(answer);
	const refused = answer.getByRole('status').filter({ hasText: 'did not let the page copy' });
	await page.evaluate(() => {
		Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true });
	});
	await button(answer, 'Copy').click();
	await expect(refused).toBeVisible();

	await page.reload();
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
	await button(answer, 'Copy').click();
	await expect(answer.getByRole('status').filter({ hasText: 'Copied' })).toHaveCount(1);
	expect((await clipboard()).trim()).toBe('A **bold** word and `code`.');
	await button(answer, 'Copy as plain text').press('Enter');
	await expect.poll(async () => (await clipboard()).trim()).toBe('A bold word and code.');
	await button(question, 'Copy').click();
	await expect.poll(clipboard).toBe('**Hello**');
	await expect(button(question, 'Copy as plain text')).toHaveCount(0);
});

test('a fork goes on by itself, and the original stays as it was', async ({ page }) => {
	await oneAnswer(page);
	const [questions, answers] = [articles(page, 'You'), articles(page, 'Assistant')];
	await ask(page, 'Second');
	await whole(answers.nth(1));
	const original = page.url();
	await button(answers.first(), 'Fork').press('Enter');
	await expect(page).not.toHaveURL(original);
	await expect(questions).toHaveText([/Hello/]);
	await expect(answers).toContainText(SELF_TEST_SENTENCE);
	const notice = page.getByRole('status').filter({ hasText: 'This is a copy' });
	const back = button(notice, 'Back to the original');
	await expect(back).toBeFocused();
	await ask(page, 'Elsewhere');
	await whole(answers.nth(1));
	await openMenu(page);
	const list = page.getByRole('navigation', { name: 'Conversations' });
	await expect(list.getByRole('link', { name: 'Hello (2)' })).toHaveAttribute('aria-current', 'page');

	await back.click();
	await expect(page).toHaveURL(original);
	await expect(questions).toHaveText([/Hello/, /Second/]);
	await expect(notice).toHaveCount(0);
});

for (const scheme of ['light', 'dark'] as const) {
	test(`axe finds nothing where messages are changed: ${scheme} @phone`, async ({ page }) => {
		const clean = async (state: string) => {
			const { violations } = await new AxeBuilder({ page }).analyze();
			const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
			expect(found, state).toEqual([]);
		};
		await page.emulateMedia({ colorScheme: scheme });
		await oneAnswer(page);
		const [question, answer] = [articles(page, 'You'), articles(page, 'Assistant')];
		await button(question, 'Edit').click();
		await clean('editing');
		await page.keyboard.press('ControlOrMeta+a');
		await page.keyboard.press('Delete');
		await page.keyboard.press('Enter');
		await expect(question.getByRole('alert')).toBeVisible();
		await clean('an edit that cannot be saved');
		await page.keyboard.type('Good evening');
		await page.keyboard.press('Enter');
		await whole(answer);
		await expect(question).toContainText('2/2');
		await clean('versions');
		await button(answer, 'Delete').click();
		await expect(button(page, 'Undo')).toBeVisible();
		await clean('undo offered');
		await button(page, 'Undo').click();
		await button(answer, 'Fork').click();
		await expect(button(page, 'Back to the original')).toBeVisible();
		await clean('forked');
	});
}
