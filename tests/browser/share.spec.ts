import type { Page } from '@playwright/test';
import { articles, ask, expect, openMenu, test } from './fixtures.ts';
import { violations } from './stored.ts';

const composer = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const attached = (page: Page) => page.getByRole('list', { name: 'Attached files' }).getByRole('listitem');

test('a shared text lands in the composer, and nothing is sent by itself @phone', async ({ page }) => {
	await page.goto('/?title=Bread&text=How+is+it+made%3F&url=https%3A%2F%2Fbread.example%2F');
	const shared = 'Bread\nHow is it made?\nhttps://bread.example/';
	await expect(composer(page)).toHaveValue(shared);
	await expect(page).toHaveURL(/\/$/);
	await expect(articles(page, 'You')).toHaveCount(0);
	// what stands there outlives a reload, and does not arrive again
	await page.reload();
	await expect(composer(page)).toHaveValue(shared);
});

/** Shares as another app does: the system opens the app with a form, from nowhere. */
async function share(page: Page, origin: string, text: string, file: { name: string; content: string }) {
	await page.goto('about:blank');
	await page.setContent(
		`<form method="post" enctype="multipart/form-data" action="${origin}/share">
			<input name="text"><input type="file" name="files" multiple><button>Share</button></form>`
	);
	await page.locator('[name=text]').fill(text);
	await page
		.locator('[name=files]')
		.setInputFiles({ name: file.name, mimeType: 'text/markdown', buffer: Buffer.from(file.content) });
	await page.getByRole('button', { name: 'Share' }).click();
}

test('shared files are attached, also without a network @phone', async ({ page, host }) => {
	await page.goto('/');
	await openMenu(page);
	await expect(page.getByText('Ready to work offline')).toBeVisible();
	await host.close();
	await share(page, host.origin, 'What is in it?', { name: 'notes.md', content: '# Buy milk' });
	await expect(attached(page)).toContainText('notes.md');
	await expect(composer(page)).toHaveValue('What is in it?');
	await expect(page).toHaveURL(/\/$/);
	expect(await violations(page)).toEqual([]);
	await composer(page).press('Enter');
	await articles(page, 'You').getByText('notes.md').click();
	await expect(articles(page, 'You')).toContainText('# Buy milk');
	// taken: nothing of it is left behind
	const left = () => page.evaluate(async () => (await (await caches.open('alcove-shared')).keys()).length);
	expect(await left()).toBe(0);
	// an address with a dot in it is still one of the app's page
	await page.goto('/?url=https%3A%2F%2Fbread.example%2Floaf.html');
	await expect(composer(page)).toHaveValue('https://bread.example/loaf.html');
});

test('a share that could not be kept is told of, until one writes', async ({ page }) => {
	await page.goto('/?shared=lost&lost=QuotaExceededError');
	const alert = page.getByRole('alert').filter({ hasText: 'did not arrive: QuotaExceededError' });
	await expect(alert).toBeVisible();
	expect(await violations(page)).toEqual([]);
	await composer(page).pressSequentially('a');
	await expect(alert).toHaveCount(0);
});

test('a file that is opened with the installed app is attached to a new chat', async ({ page }) => {
	// the browser's own part, which only an installed window has
	await page.addInitScript(() => {
		const match = window.matchMedia.bind(window);
		window.matchMedia = (query) =>
			query === '(display-mode: standalone)'
				? ({ ...match(query), matches: true } as MediaQueryList)
				: match(query);
		const file = new File(['a,b\n1,2\n'], 'table.csv', { type: 'text/csv' });
		Object.defineProperty(window, 'launchQueue', {
			value: {
				setConsumer: (consumer: (launch: unknown) => void) =>
					consumer({ files: [{ getFile: () => Promise.resolve(file) }] })
			}
		});
	});
	await page.goto('/');
	await expect(attached(page)).toContainText('table.csv');
	await ask(page, 'Add them up');
	await expect(articles(page, 'You')).toContainText('Add them up');
});
