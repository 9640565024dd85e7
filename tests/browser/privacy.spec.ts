import { articles, ask, expect, test, whole } from './fixtures.ts';

test('a first visit and an answer ask nothing of anyone but the app’s own host', async ({
	page,
	context,
	host
}) => {
	const requested: string[] = [];
	context.on('request', (request) => requested.push(request.url()));
	await page.goto('/');
	await page.getByRole('link', { name: 'Models' }).click();
	const card = page.getByRole('article', { name: 'Self-test' });
	await expect(card).toBeVisible();
	expect(requested.filter((url) => /\.(gguf|bin|wasm)$|webllm|wllama/.test(url))).toEqual([]);

	await card.getByRole('button', { name: 'Download' }).click();
	await card.getByRole('button', { name: 'Use' }).click();
	await page.getByRole('button', { name: 'New chat' }).click();
	await ask(page, 'Hello');
	await whole(articles(page, 'Assistant'));

	const foreign = requested.filter((url) => !/^(blob|data):/.test(url) && !url.startsWith(`${host.origin}/`));
	expect(foreign).toEqual([]);
	expect(requested).toContain(`${host.origin}/self-test.gguf`);
});

test('no page and no worker may reach a host that is not named in its policy', async ({ page }) => {
	await page.goto('/');
	const refused = page.waitForEvent('console', (message) =>
		message.text().includes('Content Security Policy')
	);
	const outcome = await page.evaluate(() =>
		fetch('https://example.com/').then(
			() => 'reached',
			() => 'refused'
		)
	);
	expect(outcome).toBe('refused');
	expect((await refused).text()).toContain('connect-src');
});

test('a message is drawn as text: markup in it never becomes elements that run', async ({ page }) => {
	const problems: string[] = [];
	page.on('dialog', (dialog) => {
		problems.push(dialog.message());
		void dialog.dismiss();
	});
	await page.goto('/');
	const attack = '<img src=x onerror=alert(1)><script>alert(2)</script><a href="javascript:alert(3)">x</a>';
	await ask(page, attack);
	const question = articles(page, 'You');
	await expect(question).toContainText(attack);
	await expect(question.locator('img, script, a')).toHaveCount(0);
	expect(problems).toEqual([]);
});
