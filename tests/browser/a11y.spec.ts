import AxeBuilder from '@axe-core/playwright';
import { articles, ask, expect, openMenu, test, useModel, whole } from './fixtures.ts';

/** Every page, with what it shows when it is settled. */
const PAGES = [
	{ path: '/', ready: '#main textarea' },
	{ path: '/models', ready: '#main article' },
	{ path: '/glass', ready: '#main dl' },
	{ path: '/settings', ready: '#main fieldset' },
	{ path: '/chat/0b0e6a5e-0000-4000-8000-000000000000', ready: '#main h1' },
	// of a host without a sync server; the rest of the rooms is in rooms.spec.ts
	{ path: '/rooms', ready: '#main .notice' },
	{ path: '/account', ready: '#main .notice' },
	{ path: '/nowhere', ready: '#main h1' }
];

for (const scheme of ['light', 'dark'] as const) {
	for (const language of ['en', 'zh-Hans'] as const) {
		test(`axe finds nothing: ${scheme}, ${language} @phone`, async ({ page }) => {
			await page.emulateMedia({ colorScheme: scheme });
			await page.addInitScript((tag) => localStorage.setItem('alcove:language', tag), language);
			for (const { path, ready } of PAGES) {
				await page.goto(path);
				await page.locator(ready).first().waitFor();
				expect(await violations(page), path).toEqual([]);
			}
		});
	}

	test(`axe finds nothing in a conversation, with the list in use: ${scheme} @phone`, async ({ page }) => {
		await page.emulateMedia({ colorScheme: scheme });
		await useModel(page, 'Self-test');
		await page.goto('/');
		await ask(page, 'Hello');
		await expect(articles(page, 'Assistant')).toHaveAttribute('aria-busy', 'true');
		expect(await violations(page), 'while it is written').toEqual([]);
		await whole(articles(page, 'Assistant'));
		expect(await violations(page), 'written').toEqual([]);
		await openMenu(page);
		await page.getByRole('button', { name: 'Rename “Hello”' }).click();
		expect(await violations(page), 'renaming').toEqual([]);
		await page.keyboard.press('Escape');
		await openMenu(page);
		await page.getByRole('button', { name: 'Delete “Hello”' }).click();
		await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
		expect(await violations(page), 'undo offered').toEqual([]);
	});
}

/** What axe finds, shortly: the rule and where. */
async function violations(page: ConstructorParameters<typeof AxeBuilder>[0]['page']): Promise<string[]> {
	const { violations: found } = await new AxeBuilder({ page }).analyze();
	return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}
