import { articles, ask, expect, test } from './fixtures.ts';

test('what is chosen is there when the page is left at once, and needs nothing of a server', async ({
	page,
	context
}) => {
	// what the app would still have to fetch when a choice is made could be cut off by leaving
	await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
	await page.goto('/settings');
	const summary = page.getByRole('radio', { name: 'Keep a running summary' });
	const chinese = page.getByRole('radio', { name: '简体中文' });
	await expect(summary).not.toBeChecked();
	await expect(page.getByText('Erase everything').first()).toBeVisible();
	const cut = (on: boolean) =>
		on ? context.route(/immutable/, (route) => route.abort()) : context.unroute(/immutable/);
	await cut(true);
	await summary.check();
	await cut(false);
	await page.reload();
	await expect(summary).toBeChecked();

	// the words are on their way when the page is left
	await context.route(/immutable/, () => undefined);
	await chinese.check();
	await cut(false);
	await page.reload();
	await expect(chinese).toBeChecked();
	await page.getByRole('radio', { name: 'English' }).check();

	await page.goto('/');
	await ask(page, 'Hello');
	await expect(articles(page, 'You')).toHaveCount(1);
	const panel = page.getByRole('dialog', { name: 'Instructions and settings' });
	const save = panel.getByRole('button', { name: 'Save' });
	await page.getByRole('button', { name: 'Instructions and settings' }).click();
	await panel.getByLabel('Choose from').selectOption('Tutor');
	await panel.getByLabel('Longest answer').fill('200');
	await cut(true);
	await save.click();
	await cut(false);
	await page.reload();
	await page.getByRole('button', { name: 'Instructions and settings' }).click();
	await expect(panel.getByLabel('Choose from')).toHaveValue('tutor');
	await expect(panel.getByLabel('Longest answer')).toHaveValue('200');
});
