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

test('a stranger checks the installation, and it goes on without the server @phone', async ({
	page,
	host
}) => {
	await page.goto('/');
	await openMenu(page);
	await expect(page.getByRole('status').filter({ hasText: 'Ready to work offline' })).toBeVisible();
	await page.getByRole('link', { name: 'Models' }).click();
	const card = page.getByRole('article', { name: 'Self-test' });
	await card.getByRole('button', { name: 'Download' }).click();
	await card.getByRole('button', { name: 'Use' }).click();
	await openMenu(page);
	await page.getByRole('navigation').getByRole('button', { name: 'New chat' }).click();
	await ask(page, 'Hello');

	const answers = articles(page, 'Assistant');
	await expect(answers).toHaveAttribute('aria-busy', 'true');
	await expect(answers).toContainText('Hello! This answer');
	await whole(answers);
	await expect(answers).toContainText(SELF_TEST_SENTENCE);
	const link = page.url();
	expect(link).toMatch(/\/chat\/[\w-]{36}$/);

	await page.reload();
	await expect(articles(page, 'You')).toContainText('Hello');
	await expect(answers).toContainText(SELF_TEST_SENTENCE);

	await host.close();
	await page.reload();
	await page.goto(link);
	await expect(answers).toContainText(SELF_TEST_SENTENCE);
	await ask(page, 'And again');
	await whole(answers.nth(1));
	await expect(answers.nth(1)).toContainText(SELF_TEST_SENTENCE);
});

test('what is written and sent while something is being sent is sent next', async ({ page }) => {
	await page.goto('/');
	await page.getByRole('textbox', { name: 'Message' }).evaluate((field: HTMLTextAreaElement) => {
		for (const text of ['One thing', 'Another']) {
			field.value = text;
			field.dispatchEvent(new Event('input', { bubbles: true }));
			field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
		}
	});
	await expect(articles(page, 'You')).toContainText(['One thing', 'Another']);
	await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue('');
});

test('an answer streams in pieces, and focus stays in the composer', async ({ page }) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	const answer = articles(page, 'Assistant');
	// the page itself notes each state that its reader could see: a busy machine looks too seldom from outside
	const drawn = page.evaluate(
		() =>
			new Promise<number>((resolve) => {
				const seen = new Set<string>();
				new MutationObserver((_, observer) => {
					const article = document.querySelector('article.assistant');
					seen.add(article?.textContent ?? '');
					if (article?.getAttribute('aria-busy') !== 'false') return;
					observer.disconnect();
					resolve(seen.size);
				}).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
			})
	);
	await ask(page, 'Hello');
	await whole(answer);
	expect(await drawn).toBeGreaterThan(10);
	await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
});

test('Enter sends, Shift+Enter breaks the line, Enter of an input method does neither', async ({ page }) => {
	await page.goto('/');
	const composer = page.getByRole('textbox', { name: 'Message' });
	await composer.focus();
	await page.keyboard.type('one');
	await page.keyboard.press('Shift+Enter');
	await page.keyboard.type('two');
	await expect(composer).toHaveValue('one\ntwo');

	const input = await page.context().newCDPSession(page);
	await input.send('Input.imeSetComposition', { text: 'ni', selectionStart: 2, selectionEnd: 2 });
	// what a browser reports of a key that the input method has taken: its own code, and no text
	const taken = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 };
	await input.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...taken });
	await input.send('Input.dispatchKeyEvent', { type: 'keyUp', ...taken });
	await expect(articles(page, 'You')).toHaveCount(0);
	await input.send('Input.insertText', { text: '你' });
	await expect(composer).toHaveValue('one\ntwo你');

	await page.keyboard.press('Enter');
	await expect(articles(page, 'You')).toHaveCount(1);
	await expect(composer).toHaveValue('');
});

test('Stop keeps what was written, Continue goes on from there to the same end', async ({ page, host }) => {
	const sentence = offerCounting(host);
	await useModel(page, 'Counting');
	await page.goto('/');
	await ask(page, 'Count');
	const answer = articles(page, 'Assistant');
	await counts(answer, 10);
	await page.getByRole('button', { name: 'Stop' }).click();
	await whole(answer);
	await expect(answer).toContainText('Stopped');
	await expect(answer).not.toContainText('200');
	await expect(answer).toContainText(' 9 10');
	await page.reload();
	await expect(answer).toContainText(' 9 10');

	await answer.getByRole('button', { name: 'Continue' }).click();
	await expect(answer).toHaveAttribute('aria-busy', 'true');
	await whole(answer);
	await expect(answer).toContainText(sentence);
});

test('an answer can be tried again', async ({ page }) => {
	await useModel(page, 'Self-test');
	await page.goto('/');
	await ask(page, 'Hello');
	const answer = articles(page, 'Assistant');
	await whole(answer);
	await answer.getByRole('button', { name: 'Try again' }).click();
	await expect(answer).toHaveAttribute('aria-busy', 'true');
	await whole(answer);
	await expect(answer).toHaveCount(1);
	await expect(answer).toContainText(SELF_TEST_SENTENCE);
});

test('a question waits for a model, and is answered once one is chosen', async ({ page }) => {
	await page.goto('/');
	await ask(page, 'Hello');
	const answer = articles(page, 'Assistant');
	await expect(answer).toContainText('as soon as you choose a model');
	await answer.getByRole('link', { name: 'Choose a model' }).click();
	const card = page.getByRole('article', { name: 'Self-test' });
	await card.getByRole('button', { name: 'Download' }).click();
	await card.getByRole('button', { name: 'Use' }).click();
	await openMenu(page);
	await page.getByRole('navigation').getByRole('link', { name: 'Hello' }).click();
	await whole(answer);
	await expect(answer).toContainText(SELF_TEST_SENTENCE);
});

test('conversations are listed, renamed, deleted, and the deletion undone @phone', async ({ page }) => {
	await page.goto('/');
	await ask(page, 'First question');
	await openMenu(page);
	const list = page.getByRole('navigation', { name: 'Conversations' });
	await expect(list.getByRole('link', { name: 'First question' })).toHaveAttribute('aria-current', 'page');
	await list.getByRole('button', { name: 'Rename “First question”' }).click();
	await list.getByRole('textbox', { name: 'Title' }).fill('Renamed');
	await page.keyboard.press('Enter');
	await expect(list.getByRole('link', { name: 'Renamed' })).toBeVisible();

	await list.getByRole('button', { name: 'Delete “Renamed”' }).click();
	await expect(list.getByRole('link', { name: 'Renamed' })).toHaveCount(0);
	await expect(page).toHaveURL(/\/$/);
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(page).toHaveURL(/\/chat\//);
	await expect(articles(page, 'You')).toContainText('First question');
	await openMenu(page);
	await expect(list.getByRole('link', { name: 'Renamed' })).toBeVisible();
});

test('the reader’s place is theirs: following stops when they scroll up', async ({ page, host }) => {
	offerCounting(host, 400, 10);
	await useModel(page, 'Counting');
	await page.setViewportSize({ width: 420, height: 420 });
	await page.goto('/');
	await ask(page, 'Count');
	const log = page.getByRole('log', { name: 'Conversation' });
	const answer = articles(page, 'Assistant');
	await counts(answer, 120);
	const fromEnd = () => log.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight);
	expect(await fromEnd()).toBeLessThan(40);
	await log.hover();
	await page.mouse.wheel(0, -5000);
	const button = page.getByRole('button', { name: 'Go to the newest message' });
	await expect(button).toBeVisible();
	await whole(answer);
	expect(await log.evaluate((e) => e.scrollTop)).toBe(0);
	await button.click();
	await expect.poll(fromEnd).toBeLessThan(40);
	await expect(button).toHaveCount(0);
});

test('the language changes at once, everywhere, and stays', async ({ page }) => {
	await page.goto('/settings');
	await page.getByRole('radio', { name: '简体中文' }).check();
	await expect(page.getByRole('heading', { name: '设置' })).toBeVisible();
	await expect(page.getByRole('navigation', { name: '对话' })).toBeVisible();
	await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
	await page.reload();
	await expect(page.getByRole('heading', { name: '设置' })).toBeVisible();
	await page.getByRole('radio', { name: 'English' }).check();
	await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
});

test('a language whose words do not come is not shown, and can be chosen again', async ({
	page,
	context
}) => {
	await page.goto('/settings');
	const chinese = page.getByRole('radio', { name: '简体中文' });
	await expect(chinese).toBeVisible();
	await expect(page.getByRole('status').filter({ hasText: 'offline' })).toBeVisible();
	// gone from the network and from what the service worker kept, as on a full disk
	await page.evaluate(async () => {
		for (const name of await caches.keys()) await caches.delete(name);
	});
	await context.route(/immutable\/chunks/, (route) => route.abort());
	await chinese.click();
	await expect(page.getByRole('alert').filter({ hasText: '简体中文' })).toBeVisible();
	await expect(page.getByRole('radio', { name: 'English' })).toBeChecked();
	await expect(page.locator('html')).toHaveAttribute('lang', 'en');
	await context.unroute(/immutable\/chunks/);
	await chinese.click();
	await expect(page.getByRole('heading', { name: '设置' })).toBeVisible();
});
